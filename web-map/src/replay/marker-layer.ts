/** The vehicles of a replay: one instanced draw whatever their number, from an array that is filled anew in every frame. */
import type {
  CustomLayerInterface,
  CustomRenderMethodInput,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { mercatorX, mercatorY } from '../live/mercator';
import type { Camera } from '../live/pick';
import { link, relativeMatrix } from '../live/program';
import { sizeAt } from '../live/vehicle-layer';
import { colorOf, type Palette } from './colors';
import { MARK_FRAGMENT, MARK_VERTEX, SHAPE } from './replay-shader';
import type { Moment } from './tracks';

export const MARKER_LAYER = 'replay-vehicles';

const CORNERS = new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]);
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** x, y relative to the origin, heading, shape, colour. */
const MARK_FLOATS = 5;
const UNIFORMS = [
  'u_matrix',
  'u_viewport',
  'u_bearing',
  'u_size',
  'u_selected',
  'u_colors',
  'u_rim',
  'u_silent',
  'u_blur',
] as const;

export interface MarkerLook {
  palette: Palette;
  /** Mercator: what the marks are relative to. */
  origin: readonly [number, number];
  selected: number | null;
}

interface Gpu {
  program: WebGLProgram;
  vertices: WebGLVertexArrayObject;
  corners: WebGLBuffer;
  instances: WebGLBuffer;
  uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
}

/** A mark on the screen, in CSS pixels. */
export interface OnScreen {
  id: number;
  x: number;
  y: number;
}

export class MarkerLayer implements CustomLayerInterface {
  readonly id = MARKER_LAYER;
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  /** What the last frame saw; null before the first. */
  camera: Camera | null = null;

  private map: MapLibreMap | null = null;
  private gpu: Gpu | null = null;
  private marks = new Float32Array(0);
  private ids: number[] = [];
  private readonly matrix = new Float32Array(16);

  constructor(readonly look: MarkerLook) {}

  /** Puts the marks where the vehicles are; `ids` and `moments` go side by side. */
  place(ids: readonly number[], moments: readonly Moment[]): void {
    if (this.marks.length < ids.length * MARK_FLOATS) {
      this.marks = new Float32Array(ids.length * MARK_FLOATS);
    }
    this.ids.length = 0;
    let to = 0;
    for (const [index, id] of ids.entries()) {
      const moment = moments[index];
      const shape = moment ? shapeOf(moment) : null;
      if (!moment || shape === null) continue;
      this.ids.push(id);
      this.marks[to++] = mercatorX(moment.lon) - this.look.origin[0];
      this.marks[to++] = mercatorY(moment.lat) - this.look.origin[1];
      this.marks[to++] = moment.heading ?? 0;
      this.marks[to++] = shape;
      this.marks[to++] = colorOf(index) - 1;
    }
    this.map?.triggerRepaint();
  }

  /** Where the marks of the last frame are on the screen, those behind the camera left out. */
  onScreen(): OnScreen[] {
    const { camera } = this;
    if (camera === null) return [];
    const m = relativeMatrix(camera.matrix, this.look.origin, new Float32Array(16));
    const value = (index: number) => m[index] as number;
    const seen: OnScreen[] = [];
    for (const [slot, id] of this.ids.entries()) {
      const x = this.marks[slot * MARK_FLOATS] as number;
      const y = this.marks[slot * MARK_FLOATS + 1] as number;
      const w = value(3) * x + value(7) * y + value(15);
      if (w <= 0) continue;
      const clipX = (value(0) * x + value(4) * y + value(12)) / w;
      const clipY = (value(1) * x + value(5) * y + value(13)) / w;
      seen.push({
        id,
        x: ((clipX + 1) / 2) * camera.width,
        y: ((1 - clipY) / 2) * camera.height,
      });
    }
    return seen;
  }

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.gpu = upload(gl);
  }

  onRemove(_map: MapLibreMap, gl: WebGL2RenderingContext): void {
    if (this.gpu !== null) {
      gl.deleteProgram(this.gpu.program);
      gl.deleteVertexArray(this.gpu.vertices);
      gl.deleteBuffer(this.gpu.corners);
      gl.deleteBuffer(this.gpu.instances);
    }
    this.gpu = null;
    this.map = null;
    this.camera = null;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const { map, gpu, look } = this;
    if (map === null || gpu === null) return;
    const { clientWidth: width, clientHeight: height } = map.getCanvas();
    const main = input.defaultProjectionData.mainMatrix;
    this.camera = { matrix: Float64Array.from(main), width, height };
    const count = this.ids.length;
    if (count === 0 || width === 0) return;
    gl.useProgram(gpu.program);
    gl.bindVertexArray(gpu.vertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, gpu.instances);
    gl.bufferData(gl.ARRAY_BUFFER, this.marks.subarray(0, count * MARK_FLOATS), gl.DYNAMIC_DRAW);
    const size = sizeAt(map.getZoom());
    const selected = look.selected === null ? -1 : this.ids.indexOf(look.selected);
    gl.uniformMatrix4fv(
      gpu.uniforms.u_matrix,
      false,
      relativeMatrix(main, look.origin, this.matrix),
    );
    gl.uniform2f(gpu.uniforms.u_viewport, width, height);
    gl.uniform1f(gpu.uniforms.u_bearing, map.getBearing());
    gl.uniform1f(gpu.uniforms.u_size, size);
    gl.uniform1i(gpu.uniforms.u_selected, selected);
    gl.uniform3fv(gpu.uniforms.u_colors, look.palette.colors);
    gl.uniform3fv(gpu.uniforms.u_rim, look.palette.rim);
    gl.uniform3fv(gpu.uniforms.u_silent, look.palette.silent);
    gl.uniform1f(gpu.uniforms.u_blur, (0.7 * width) / (gl.drawingBufferWidth * size));
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
    gl.bindVertexArray(null);
  }
}

/** Null: nobody knows where it is. Without a heading an arrow would lie. */
function shapeOf({ state, heading }: Moment): number | null {
  if (state === 'moving') return heading === null ? SHAPE.standing : SHAPE.moving;
  return state === 'standing' || state === 'silent' ? SHAPE[state] : null;
}

function upload(gl: WebGL2RenderingContext): Gpu {
  const program = link(gl, 'vehicles of a replay', MARK_VERTEX, MARK_FRAGMENT);
  const vertices = gl.createVertexArray();
  const corners = gl.createBuffer();
  const instances = gl.createBuffer();
  gl.bindVertexArray(vertices);
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, instances);
  for (const [location, floats, offset] of [
    [1, 4, 0],
    [2, 1, 4],
  ] as const) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, floats, gl.FLOAT, false, MARK_FLOATS * BYTES, offset * BYTES);
    gl.vertexAttribDivisor(location, 1);
  }
  gl.bindVertexArray(null);
  const uniforms = Object.fromEntries(
    UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as Gpu['uniforms'];
  return { program, vertices, corners, instances, uniforms };
}
