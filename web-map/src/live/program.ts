/** What custom layers of the map share: shaders become a program, a matrix moves to an origin. */

/** Throws with the compiler's words. A lost context is no fault: whoever asked is asked again once it is back. */
export function link(
  gl: WebGL2RenderingContext,
  name: string,
  vertex: string,
  fragment: string,
): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind);
    // Null only when the context is lost; the layer is added again once it is back.
    if (shader === null) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`${name}: ${gl.getProgramInfoLog(program) ?? 'program does not link'}`);
  }
  return program;
}

/**
 * `main` after a move to an origin in Mercator: multiplied in doubles and handed over in floats, so that what is drawn near
 * the origin stays where it is to the millimetre.
 */
export function relativeMatrix(
  main: ArrayLike<number>,
  [x, y]: readonly [number, number],
  out: Float32Array,
): Float32Array {
  const value = (index: number): number => main[index] as number;
  for (let row = 0; row < 4; row += 1) {
    out[row] = value(row);
    out[4 + row] = value(4 + row);
    out[8 + row] = value(8 + row);
    out[12 + row] = value(row) * x + value(4 + row) * y + value(12 + row);
  }
  return out;
}
