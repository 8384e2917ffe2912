/** The programs that draw one vehicle per instance: an arrow, a disc or a ring, by status. */
import { TURN_SHARE } from './glide';

/** Half the side of the quad that holds a mark and its ring, in CSS pixels at size 1. */
const REACH_PX = 20;

export const VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 a_corner;
layout(location = 1) in vec4 a_place;
layout(location = 2) in vec2 a_time;
layout(location = 3) in vec2 a_heading;
layout(location = 4) in float a_status;
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform float u_now;
uniform float u_bearing;
uniform float u_size;
uniform int u_selected;
out vec2 v_at;
flat out int v_status;
flat out int v_selected;

void main() {
  float span = a_time.y - a_time.x;
  float done = span <= 0.0 ? 1.0 : clamp((u_now - a_time.x) / span, 0.0, 1.0);
  vec4 centre = u_matrix * vec4(mix(a_place.xy, a_place.zw, done), 0.0, 1.0);
  float turned = min(1.0, done / ${TURN_SHARE.toFixed(3)});
  float angle = radians(a_heading.x + a_heading.y * turned - u_bearing);
  v_selected = gl_InstanceID == u_selected ? 1 : 0;
  v_status = int(a_status + 0.5);
  v_at = a_corner * ${REACH_PX.toFixed(1)};
  float size = u_size * (v_selected == 1 ? 1.25 : 1.0);
  vec2 corner = v_at * size;
  vec2 rotated = vec2(
    corner.x * cos(angle) + corner.y * sin(angle),
    corner.y * cos(angle) - corner.x * sin(angle)
  );
  gl_Position = centre + vec4(rotated / u_viewport * 2.0 * centre.w, 0.0, 0.0);
}
`;

/** What marks are made of: the distance to an arrow, and paint laid over paint. Needs `u_blur`. */
export const SHAPES = `const vec2 ARROW[4] = vec2[4](vec2(0.0, 10.0), vec2(7.0, -7.5), vec2(0.0, -4.0), vec2(-7.0, -7.5));

float arrow(vec2 p) {
  float d = dot(p - ARROW[0], p - ARROW[0]);
  float side = 1.0;
  for (int i = 0, j = 3; i < 4; j = i, i++) {
    vec2 edge = ARROW[j] - ARROW[i];
    vec2 w = p - ARROW[i];
    vec2 b = w - edge * clamp(dot(w, edge) / dot(edge, edge), 0.0, 1.0);
    d = min(d, dot(b, b));
    bvec3 c = bvec3(p.y >= ARROW[i].y, p.y < ARROW[j].y, edge.x * w.y > edge.y * w.x);
    if (all(c) || all(not(c))) side = -side;
  }
  return side * sqrt(d);
}

vec4 over(vec4 top, vec4 under) {
  return top + under * (1.0 - top.a);
}

vec4 paint(vec3 color, float distance, float alpha) {
  float cover = alpha * (1.0 - smoothstep(-u_blur, u_blur, distance));
  return vec4(color * cover, cover);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_at;
flat in int v_status;
flat in int v_selected;
uniform vec3 u_colors[4];
uniform vec3 u_rim;
uniform vec3 u_accent;
uniform float u_blur;
uniform float u_alive;
out vec4 fragColor;

${SHAPES}

void main() {
  float radius = length(v_at);
  float body = v_status == 1 ? arrow(v_at) - 0.8 : radius - (v_status == 2 ? 5.6 : 4.6);
  vec3 color = u_colors[v_status];
  float grey = dot(color, vec3(0.299, 0.587, 0.114));
  color = mix(vec3(grey), color, u_alive);

  float shade = 0.28 * (1.0 - smoothstep(0.0, 5.0, body - 1.0));
  vec4 mark = vec4(0.0, 0.0, 0.0, shade);
  mark = over(paint(u_rim, body - 1.7, 1.0), mark);
  mark = over(paint(color, body, 1.0), mark);
  if (v_status == 0 || v_status == 3) mark = over(paint(u_rim, body + 2.0, 1.0), mark);
  if (v_selected == 1) {
    vec4 ring = paint(u_accent, abs(radius - 16.0) - 1.5, 1.0);
    ring = over(ring, paint(u_accent, radius - 16.0, 0.14));
    mark = over(mark, ring);
  }
  fragColor = mark * mix(0.6, 1.0, u_alive);
}
`;
