/**
 * The ways of the day, drawn under the names of the map: one instanced draw a chunk. What is travelled is told from what is
 * coming by the time in each vertex, so that nothing is sent to the graphics card while the replay plays.
 */
import type {
  CustomLayerInterface,
  CustomRenderMethodInput,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { link, relativeMatrix } from '../live/program';
import type { Palette } from './colors';
import { VERTEX_FLOATS } from './lines';
import { LINE_FRAGMENT, LINE_VERTEX } from './replay-shader';

export const WAY_LAYER = 'replay-ways';

const CORNERS = new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]);
const BYTES = Float32Array.BYTES_PER_ELEMENT;
const STRIDE = VERTEX_FLOATS * BYTES;
const CASING_PX = 1.3;
const UNIFORMS = [
  'u_matrix',
  'u_viewport',
  'u_now',
  'u_trail',
  'u_selected',
  'u_widen',
  'u_casing',
  'u_colors',
  'u_rim',
] as const;

/** What changes how the ways look; read in every frame. */
export interface WayLook {
  palette: Palette;
  /** Mercator: what the vertices are relative to. */
  origin: readonly [number, number];
  /** Seconds since the window began. */
  nowS: number;
  /** How much of the way just travelled is drawn; 0: the whole day. */
  trailS: number;
  /** The number, from 1, of the vehicle whose whole way is drawn, wider; 0: none. */
  selected: number;
}

/** Vertices of one chunk, and when they begin and end. */
export interface Way {
  vertices: Float32Array;
  fromS: number;
  toS: number;
  /** Drawn however short the trail is. */
  always?: boolean;
}

interface Gpu {
  program: WebGLProgram;
  vertices: WebGLVertexArrayObject;
  corners: WebGLBuffer;
  buffers: Map<Way, WebGLBuffer>;
  uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
}

export class WayLayer implements CustomLayerInterface {
  readonly id = WAY_LAYER;
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;

  private map: MapLibreMap | null = null;
  private gpu: Gpu | null = null;
  private ways: readonly Way[] = [];
  private readonly matrix = new Float32Array(16);

  constructor(readonly look: WayLook) {}

  setWays(ways: readonly Way[]): void {
    this.ways = ways;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext): void {
    this.map = map;
    const program = link(gl, 'ways of a replay', LINE_VERTEX, LINE_FRAGMENT);
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
    const uniforms = Object.fromEntries(
      UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
    ) as Gpu['uniforms'];
    this.gpu = { program, corners, vertices: gl.createVertexArray(), buffers: new Map(), uniforms };
  }

  onRemove(_map: MapLibreMap, gl: WebGL2RenderingContext): void {
    if (this.gpu !== null) {
      for (const buffer of this.gpu.buffers.values()) gl.deleteBuffer(buffer);
      gl.deleteProgram(this.gpu.program);
      gl.deleteVertexArray(this.gpu.vertices);
      gl.deleteBuffer(this.gpu.corners);
    }
    this.gpu = null;
    this.map = null;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const { map, gpu, look } = this;
    if (map === null || gpu === null) return;
    const { clientWidth: width, clientHeight: height } = map.getCanvas();
    this.upload(gl, gpu);
    const drawn = this.ways.filter((way) => this.isDrawn(way));
    if (drawn.length === 0 || width === 0) return;
    const main = input.defaultProjectionData.mainMatrix;
    gl.useProgram(gpu.program);
    gl.bindVertexArray(gpu.vertices);
    gl.uniformMatrix4fv(
      gpu.uniforms.u_matrix,
      false,
      relativeMatrix(main, look.origin, this.matrix),
    );
    gl.uniform2f(gpu.uniforms.u_viewport, width, height);
    gl.uniform1f(gpu.uniforms.u_now, look.nowS);
    gl.uniform1f(gpu.uniforms.u_trail, look.trailS);
    gl.uniform1f(gpu.uniforms.u_selected, look.selected);
    gl.uniform3fv(gpu.uniforms.u_colors, look.palette.colors);
    gl.uniform3fv(gpu.uniforms.u_rim, look.palette.rim);
    // A trail that fades has no edge.
    for (const casing of look.trailS === 0 ? [true, false] : [false]) {
      gl.uniform1f(gpu.uniforms.u_widen, casing ? CASING_PX : 0);
      gl.uniform1f(gpu.uniforms.u_casing, casing ? 1 : 0);
      for (const way of drawn) this.draw(gl, gpu, way);
    }
    gl.bindVertexArray(null);
  }

  private isDrawn({ vertices, fromS, toS, always }: Way): boolean {
    if (vertices.length < 2 * VERTEX_FLOATS) return false;
    const { nowS, trailS } = this.look;
    return always === true || trailS === 0 || (fromS <= nowS && toS >= nowS - trailS);
  }

  private draw(gl: WebGL2RenderingContext, gpu: Gpu, way: Way): void {
    const buffer = gpu.buffers.get(way);
    if (buffer === undefined) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, gpu.corners);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    // The same vertices twice, one apart: where a leg begins, and where it ends.
    for (const location of [1, 2]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, STRIDE, (location - 1) * STRIDE);
      gl.vertexAttribDivisor(location, 1);
    }
    const legs = way.vertices.length / VERTEX_FLOATS - 1;
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, legs);
  }

  /** What came since the last frame goes to the graphics card, what is gone leaves it. */
  private upload(gl: WebGL2RenderingContext, gpu: Gpu): void {
    for (const [way, buffer] of gpu.buffers) {
      if (this.ways.includes(way)) continue;
      gl.deleteBuffer(buffer);
      gpu.buffers.delete(way);
    }
    for (const way of this.ways) {
      if (gpu.buffers.has(way)) continue;
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.bufferData(gl.ARRAY_BUFFER, way.vertices, gl.STATIC_DRAW);
      gpu.buffers.set(way, buffer);
    }
  }
}
