/**
 * The marks of the vehicles: one instanced draw call whatever their number. Positions between fixes are computed on
 * the graphics card; the map is repainted only while something moves and somebody looks.
 */
import type {
  CustomLayerInterface,
  CustomRenderMethodInput,
  Map as MapLibreMap,
} from 'maplibre-gl';
import { type Fleet, PACKED_FLOATS } from './fleet';
import { mercatorX, mercatorY } from './mercator';
import type { Palette } from './palette';
import type { Camera } from './pick';
import { link, relativeMatrix } from './program';
import { FRAGMENT, VERTEX } from './vehicle-shader';

export const VEHICLE_LAYER = 'live-vehicles';

const CORNERS = new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]);
const BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Attribute location, floats, offset in floats. */
const INSTANCE_ATTRIBUTES = [
  [1, 4, 0],
  [2, 2, 4],
  [3, 2, 6],
  [4, 1, 8],
] as const;
const UNIFORMS = [
  'u_matrix',
  'u_viewport',
  'u_now',
  'u_bearing',
  'u_size',
  'u_selected',
  'u_colors',
  'u_rim',
  'u_accent',
  'u_blur',
  'u_alive',
] as const;

/** What changes how the marks look; read in every frame. */
export interface Appearance {
  palette: Palette;
  /** 1 on a desk, more on a wall seen from afar. */
  scale: number;
  selected: number | null;
  /** False when the picture is old: the marks lose their colour. */
  alive: boolean;
  visible: boolean;
  /** At most so many repaints a second. */
  framesPerSecond: number;
}

/** Everything that dies with a WebGL context. */
interface Gpu {
  program: WebGLProgram;
  vertices: WebGLVertexArrayObject;
  corners: WebGLBuffer;
  instances: WebGLBuffer;
  uniforms: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
}

export class VehicleLayer implements CustomLayerInterface {
  readonly id = VEHICLE_LAYER;
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  /** What the last frame saw; null before the first. */
  camera: Camera | null = null;

  private map: MapLibreMap | null = null;
  private gpu: Gpu | null = null;
  private packed = new Float32Array(0);
  private drawnRevision = -1;
  private origin: readonly [number, number] = [0, 0];
  private epochMs = 0;
  private frameTimer: ReturnType<typeof setTimeout> | undefined;
  /** The matrix relative to the origin, multiplied in doubles and handed over in floats. */
  private readonly matrix = new Float32Array(16);

  constructor(
    private readonly fleet: Fleet,
    readonly appearance: Appearance,
    private readonly now: () => number = () => performance.now(),
  ) {}

  onAdd(map: MapLibreMap, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.gpu = upload(gl);
    this.drawnRevision = -1;
  }

  onRemove(_map: MapLibreMap, gl: WebGL2RenderingContext): void {
    clearTimeout(this.frameTimer);
    this.frameTimer = undefined;
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

  /** Something changed: data, selection, colours. */
  changed(): void {
    this.map?.triggerRepaint();
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const { map, gpu, appearance, fleet } = this;
    if (map === null || gpu === null) return;
    const { clientWidth: width, clientHeight: height } = map.getCanvas();
    const main = input.defaultProjectionData.mainMatrix;
    this.camera = { matrix: Float64Array.from(main), width, height };
    if (!appearance.visible || fleet.count === 0 || width === 0) return;

    const nowMs = this.now();
    gl.bindVertexArray(gpu.vertices);
    this.refill(gl, gpu, map, nowMs);
    gl.useProgram(gpu.program);
    const { palette } = appearance;
    const selected = appearance.selected === null ? undefined : fleet.slotOf(appearance.selected);
    const size = appearance.scale * sizeAt(map.getZoom());
    gl.uniformMatrix4fv(
      gpu.uniforms.u_matrix,
      false,
      relativeMatrix(main, this.origin, this.matrix),
    );
    gl.uniform2f(gpu.uniforms.u_viewport, width, height);
    gl.uniform1f(gpu.uniforms.u_now, (nowMs - this.epochMs) / 1000);
    gl.uniform1f(gpu.uniforms.u_bearing, map.getBearing());
    gl.uniform1f(gpu.uniforms.u_size, size);
    gl.uniform1i(gpu.uniforms.u_selected, selected ?? -1);
    gl.uniform3fv(gpu.uniforms.u_colors, palette.status);
    gl.uniform3fv(gpu.uniforms.u_rim, palette.rim);
    gl.uniform3fv(gpu.uniforms.u_accent, palette.accent);
    gl.uniform1f(gpu.uniforms.u_blur, (0.7 * width) / (gl.drawingBufferWidth * size));
    gl.uniform1f(gpu.uniforms.u_alive, appearance.alive ? 1 : 0);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, fleet.count);
    gl.bindVertexArray(null);
    if (nowMs < fleet.movingUntilMs) this.nextFrame();
  }

  private refill(gl: WebGL2RenderingContext, gpu: Gpu, map: MapLibreMap, nowMs: number): void {
    gl.bindBuffer(gl.ARRAY_BUFFER, gpu.instances);
    if (this.drawnRevision === this.fleet.revision) return;
    const floats = this.fleet.count * PACKED_FLOATS;
    if (this.packed.length < floats) {
      this.packed = new Float32Array(Math.max(floats, this.fleet.fromX.length * PACKED_FLOATS));
    }
    const centre = map.getCenter();
    this.origin = [mercatorX(centre.lng), mercatorY(centre.lat)];
    this.epochMs = nowMs;
    this.fleet.pack(this.packed, this.origin[0], this.origin[1], nowMs);
    gl.bufferData(gl.ARRAY_BUFFER, this.packed.subarray(0, floats), gl.DYNAMIC_DRAW);
    this.drawnRevision = this.fleet.revision;
  }

  private nextFrame(): void {
    if (document.hidden || this.frameTimer !== undefined) return;
    this.frameTimer = setTimeout(() => {
      this.frameTimer = undefined;
      this.map?.triggerRepaint();
    }, 1000 / this.appearance.framesPerSecond);
  }
}

/** Marks grow with the streets, between the whole city and one building. */
export function sizeAt(zoom: number): number {
  return Math.min(1.15, Math.max(0.5, 0.5 + (zoom - 10) * 0.12));
}

function upload(gl: WebGL2RenderingContext): Gpu {
  const program = link(gl, 'vehicle layer', VERTEX, FRAGMENT);
  const vertices = gl.createVertexArray();
  const corners = gl.createBuffer();
  const instances = gl.createBuffer();
  gl.bindVertexArray(vertices);
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, instances);
  for (const [location, floats, offset] of INSTANCE_ATTRIBUTES) {
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(
      location,
      floats,
      gl.FLOAT,
      false,
      PACKED_FLOATS * BYTES,
      offset * BYTES,
    );
    gl.vertexAttribDivisor(location, 1);
  }
  gl.bindVertexArray(null);
  const uniforms = Object.fromEntries(
    UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as Gpu['uniforms'];
  return { program, vertices, corners, instances, uniforms };
}
