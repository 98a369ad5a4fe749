declare module "*.css" {
  /** With `._` for the prefix of our classes. */
  const text: string;
  export default text;
}
