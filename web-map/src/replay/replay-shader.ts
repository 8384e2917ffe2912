/** The programs of a replay: ways as ribbons, one instance a leg, and marks, one instance a vehicle. */
import { SHAPES } from '../live/vehicle-shader';
import { COLORS } from './colors';

/** Half the side of the quad that holds a mark and its ring, in CSS pixels at size 1. */
const REACH_PX = 20;

/**
 * A leg goes from one vertex to the next of the same vehicle; between others there is none. Its width is in pixels, so it is
 * laid out on the screen.
 */
export const LINE_VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 a_corner;
layout(location = 1) in vec4 a_from;
layout(location = 2) in vec4 a_to;
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_now;
uniform float u_trail;
uniform float u_selected;
uniform float u_widen;
out float v_time;
out float v_across;
out float v_along;
out float v_half;
flat out float v_length;
flat out int v_color;
flat out int v_silent;
flat out int v_selected;

void main() {
  float vehicle = abs(a_to.w);
  bool chosen = vehicle == u_selected;
  bool seen = chosen || (a_to.z > u_now - u_trail && a_from.z < u_now);
  bool joined = abs(a_from.w) == vehicle && vehicle > 0.0 && (u_trail <= 0.0 || seen);
  vec4 a = u_matrix * vec4(a_from.xy, 0.0, 1.0);
  vec4 b = u_matrix * vec4(a_to.xy, 0.0, 1.0);
  if (!joined || a.w <= 0.0 || b.w <= 0.0) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  vec2 from = a.xy / a.w * u_viewport * 0.5;
  vec2 to = b.xy / b.w * u_viewport * 0.5;
  float along = length(to - from);
  vec2 direction = along > 0.0001 ? (to - from) / along : vec2(1.0, 0.0);
  vec2 normal = vec2(-direction.y, direction.x);
  v_length = along;
  v_silent = a_to.w < 0.0 ? 1 : 0;
  v_selected = chosen ? 1 : 0;
  v_color = (int(vehicle + 0.5) - 1) % ${COLORS};
  v_half = (chosen ? 2.4 : 1.7) + u_widen;
  float reach = v_half + 1.0;
  float end = (a_corner.x + 1.0) * 0.5;
  // Round ends: the quad is longer than its leg by as much as it is wide.
  vec2 at = mix(from, to, end) + direction * a_corner.x * reach + normal * a_corner.y * reach;
  v_along = end * along + a_corner.x * reach;
  v_across = a_corner.y * reach;
  v_time = mix(a_from.z, a_to.z, clamp(along > 0.0001 ? v_along / along : end, 0.0, 1.0));
  gl_Position = vec4(at / (u_viewport * 0.5), 0.0, 1.0);
}
`;

export const LINE_FRAGMENT = `#version 300 es
precision highp float;
in float v_time;
in float v_across;
in float v_along;
in float v_half;
flat in float v_length;
flat in int v_color;
flat in int v_silent;
flat in int v_selected;
uniform vec3 u_colors[${COLORS}];
uniform vec3 u_rim;
uniform float u_now;
uniform float u_trail;
uniform float u_casing;
out vec4 fragColor;

void main() {
  float beyond = max(max(-v_along, v_along - v_length), 0.0);
  float cover = 1.0 - smoothstep(v_half - 0.6, v_half + 0.6, length(vec2(beyond, v_across)));
  bool done = v_time <= u_now;
  vec3 color = u_casing > 0.5 ? u_rim : u_colors[v_color];
  // Paler, not transparent: where legs meet, transparency would add up to beads.
  if (!done) color = mix(u_rim, color, 0.42);
  float strength = done || u_casing > 0.5 ? 1.0 : 0.85;
  if (v_silent == 1) strength *= u_casing > 0.5 ? 0.0 : 0.6 * step(mod(v_along, 12.0), 5.0);
  if (u_trail > 0.0 && v_selected == 0) {
    strength *= done ? clamp(1.0 - (u_now - v_time) / u_trail, 0.0, 1.0) : 0.0;
  }
  float alpha = cover * strength;
  if (alpha < 0.004) discard;
  fragColor = vec4(color * alpha, alpha);
}
`;

export const MARK_VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 a_corner;
layout(location = 1) in vec4 a_mark;
layout(location = 2) in float a_color;
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_bearing;
uniform float u_size;
uniform int u_selected;
out vec2 v_at;
flat out int v_shape;
flat out int v_color;
flat out int v_selected;

void main() {
  vec4 centre = u_matrix * vec4(a_mark.xy, 0.0, 1.0);
  float angle = radians(a_mark.z - u_bearing);
  v_selected = gl_InstanceID == u_selected ? 1 : 0;
  v_shape = int(a_mark.w + 0.5);
  v_color = int(a_color + 0.5);
  v_at = a_corner * ${REACH_PX.toFixed(1)};
  vec2 corner = v_at * u_size * (v_selected == 1 ? 1.25 : 1.0);
  vec2 rotated = vec2(
    corner.x * cos(angle) + corner.y * sin(angle),
    corner.y * cos(angle) - corner.x * sin(angle)
  );
  gl_Position = centre + vec4(rotated / u_viewport * 2.0 * centre.w, 0.0, 0.0);
}
`;

/** An arrow that drives, a disc that stands, a ring that is silent. */
export const SHAPE = { moving: 1, standing: 2, silent: 3 } as const;

export const MARK_FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_at;
flat in int v_shape;
flat in int v_color;
flat in int v_selected;
uniform vec3 u_colors[${COLORS}];
uniform vec3 u_rim;
uniform vec3 u_silent;
uniform float u_blur;
out vec4 fragColor;

${SHAPES}

void main() {
  float radius = length(v_at);
  float body = v_shape == ${SHAPE.moving} ? arrow(v_at) - 0.8 : radius - (v_shape == ${SHAPE.standing} ? 5.6 : 4.6);
  vec3 color = v_shape == ${SHAPE.silent} ? mix(u_silent, u_colors[v_color], 0.35) : u_colors[v_color];
  float shade = 0.28 * (1.0 - smoothstep(0.0, 5.0, body - 1.0));
  vec4 mark = vec4(0.0, 0.0, 0.0, shade);
  mark = over(paint(u_rim, body - 1.7, 1.0), mark);
  mark = over(paint(color, body, 1.0), mark);
  if (v_shape == ${SHAPE.silent}) mark = over(paint(u_rim, body + 2.0, 1.0), mark);
  if (v_selected == 1) {
    vec4 ring = paint(u_colors[v_color], abs(radius - 16.0) - 1.5, 1.0);
    ring = over(ring, paint(u_colors[v_color], radius - 16.0, 0.14));
    mark = over(mark, ring);
  }
  fragColor = mark;
}
`;
