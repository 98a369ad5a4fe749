/** Bundles src/widget.ts into the Python package: one ES module, no imports, style sheet included as text. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { minify } from "terser";
import { withClosures } from "./closures.mjs";

/** In bytes, gzipped. */
const LIMIT = 75_000;
const outfile = fileURLToPath(new URL("../src/autograd_widget/static/widget.js", import.meta.url));

/**
 * Names of properties of our own that the bundle may shorten: none of the DOM, of `Graph`, of documents or traits, and
 * none that is looked up by a string. The tests run on the shortened bundle.
 */
const OURS = `
  across along breadth firstLane
  consumer consumersOf contribution currentStep firstValues hasCarried hasFirstValues isReplaying operandsOf producer
  relatedTo replayTo roadsThrough stepsMade subject
  hasDiverged isPlaying neededWidth placePill zeroes momentum factors
  backToStart backwardHint cannotDraw carriedOver checkDetail everyRoad
  finiteDifference learnHint learned momentumHint noPass
  notReached notRunYet notTracked nothingReached otherwise passesBefore sendsOn sentences sliderOf
  slopeIs stepBackward stepEarlier stepForward stepNone stepSeed stepSent thisPass
  typeANumber upstreamTimesLocal valuesHint zeroGradHint zeroesHint
  layers layer leaves cards gradient trail expression ofList ledger arrived computed missing settleLeaf setLeaves moveLeaf
  runPass descend trailOf verdict layerGap nodeGap runway ranked unnamed untracked
  resetValues diverged element messages partialsOf passGrads needsGrad offsets operands
  picture layout passReached routes itemOf folds colouring slots largestGradient isWaiting copies searchHint centre
  sentAlong divideOperations coloursHint largestSent pointOf place numbered computedBy copiesHint arity divideSources
  layingOut formula earlier placeAt flows words lossPlot previous isLocked made ofGradient ofValue roads added point rest
  fitHint farther colours seesAll showAll revealing setCopies kinds boxes edges least folded copyOf closer notYet inside
  within usesOf narrow tracks shades crossing isOpaque seen toggled palette learn outOf found parts tools tail plan
  factor refuse settle box thaw flow fold into goTo tape sent cost kind items update links product compact weight sizes
  isSilent reasons names steps range path direction root group total start high view traits labels loss board pill
  isShared titles lines pass index slot count limit shown show mark numbers ends weights rounds isNarrow carryOver placeNumbers tiles order
  node parent hovered isOnCard consumerOf low half pointed status paintAll paintRest stop noDot pause locked dock rate
  adopt after alert apart back before begin begun cancel canvas close code cut difference draw edge end entry finished fit freeze
  head last link list listen lit look make maxWidth move net numeric of open opener ops pan paper paths play readOnly replay
  crossings exit lane mayCover nth radius room sheets
  resize row rows run save scale search setCustom setFrozen slope sum symbol told turn whole why zoom
`;

/** What the language gives and the page often uses: by a name of its own, which becomes one letter. */
const OFTEN = `
  Math.max Math.min Math.abs Math.floor Math.round Math.ceil Math.sqrt Math.exp Math.log1p Math.sign Math.hypot
  Number.isFinite Number.isInteger Number.isNaN Number.parseFloat
  Array.from Array.isArray Object.entries Object.fromEntries Object.hasOwn Object.keys
  Float64Array Int32Array Uint8Array Map Set String Number
  Error Infinity clearTimeout setTimeout undefined
`.match(/\S+/g);
const alias = (name) => `often$${name.replace(".", "$")}`;

const target = "es2022";
const charset = "utf8";

const { outputFiles } = await build({
  write: false,
  entryPoints: [fileURLToPath(new URL("./src/widget.ts", import.meta.url))],
  outfile,
  bundle: true,
  minifySyntax: true,
  define: Object.fromEntries(OFTEN.map((name) => [name, alias(name)])),
  banner: { js: `const ${OFTEN.map((name) => `${alias(name)} = ${name}`).join()};` },
  format: "esm",
  target,
  charset,
  plugins: [{ name: "style as text", setup: (it) => it.onLoad({ filter: /\.css$/ }, styleAsText) }],
  legalComments: "none",
});

// `Graph` is for others too, who may ask what it is an instance of.
const closed = withClosures(outputFiles[0].text, ["Graph"]);
const mangleProps = new RegExp(`^(${OURS.match(/\w+/g).join("|")})$`);
const minified = await transform(closed, { minify: true, mangleProps, target, charset });
// A second minifier finds another hundredth: every saved notebook carries the bundle, once per widget.
// Functions may become arrows: none is called with `new` (closures.mjs sees to it). To read a property does nothing that
// is seen, and what is written into a text is written alike by `+`.
const compress = { passes: 3, unsafe_arrows: true, pure_getters: true, unsafe: true };
const { code } = await minify(minified.code, { module: true, ecma: 2022, compress });
const bundle = Buffer.from(code);
mkdirSync(dirname(outfile), { recursive: true });
writeFileSync(outfile, bundle);
const size = gzipSync(bundle, { level: 9 }).length;
console.log(`widget.js: ${bundle.length} bytes, ${size} gzipped`);
if (size > LIMIT) {
  console.error(`widget.js is larger than ${LIMIT} bytes gzipped: every saved notebook would carry it.`);
  process.exit(1);
}

async function styleAsText({ path }) {
  const built = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    write: false,
    target,
    charset,
  });
  const code = built.outputFiles[0].text;
  // The page puts the prefix of its classes back (src/widget.ts).
  return { contents: code.replaceAll(".agw-", "._").replace(/(--[a-z]+): /g, "$1:"), loader: "text" };
}
