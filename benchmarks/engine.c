/* Forward and backward of a graph in one loop each with one switch: what JavaScript is measured against. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int size, root, *code, *left, *right;
static double *v, *d;

static void forward(void) {
  for (int i = 0; i < size; i++) {
    double a = v[left[i]], b = v[right[i]];
    switch (code[i]) {
      case 1: v[i] = a + b; break;
      case 2: v[i] = a * b; break;
      case 3: v[i] = pow(a, b); break;
      case 4: v[i] = tanh(a); break;
      case 5: v[i] = a < 0 ? 0 : a; break;
      case 6: v[i] = -a; break;
    }
  }
}

static void backward(void) {
  memset(d, 0, size * sizeof *d);
  d[root] = 1;
  for (int i = root; i >= 0; i--) {
    double g = d[i];
    int a = left[i], b = right[i];
    switch (code[i]) {
      case 1: d[a] += g; d[b] += g; break;
      case 2: d[a] += g * v[b]; d[b] += g * v[a]; break;
      case 3: d[a] += g * v[b] * pow(v[a], v[b] - 1); break; /* the exponent is a constant */
      case 4: d[a] += g * (1 - v[i] * v[i]); break;
      case 5: d[a] += v[i] <= 0 ? 0 : g; break;
      case 6: d[a] -= g; break;
    }
  }
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  enum { WARM = 30, RUNS = 101 };
  FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
  if (!file || fscanf(file, "%d %d", &size, &root) != 2) return 1;
  code = malloc(size * sizeof *code);
  left = malloc(size * sizeof *left);
  right = malloc(size * sizeof *right);
  v = malloc(size * sizeof *v);
  d = malloc(size * sizeof *d);
  for (int i = 0; i < size; i++)
    if (fscanf(file, "%d %d %d %lf", &code[i], &left[i], &right[i], &v[i]) != 4) return 1;
  double times[RUNS];
  for (int run = -WARM; run < RUNS; run++) {
    double start = now();
    forward();
    backward();
    if (run >= 0) times[run] = now() - start;
  }
  qsort(times, RUNS, sizeof *times, ascending);
  fprintf(stderr, "%g\n", v[root] + d[0]); /* so that it is computed */
  printf("%g\n", times[RUNS / 2] / size);
}
