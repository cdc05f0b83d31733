/* The outlines of a page: every edge once, in typed arrays, and what is asked of them.

   Features are numbered: first the units, then the land around. Points are kept as whole numbers of the grid (`gx`,
   `gy`) and as positions on the Mercator plane of zoom 0 (`x`, `y`: px, less `ox`, `oy`). */

const WORLD = 256; // px: the world at zoom 0
const NEAR = 0.55; // px: points of one arc closer than this are drawn as one
const LEVELS = 5; // zooms whose thinned arcs are kept

const arcOf = (step) => (step < 0 ? ~step : step); // an arc walked backwards is ~arc
const TOWN = 0, BORDER = 1, OUTER = 2, AROUND = 3; // what an arc divides

const worldX = (lng) => WORLD * (lng / 360 + 0.5);
const worldY = (lat) => WORLD * (0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI));
const lngOf = (x) => (x / WORLD - 0.5) * 360;
const latOf = (y) => (Math.atan(Math.exp((0.5 - y / WORLD) * 2 * Math.PI)) * 360) / Math.PI - 90;

function ends(counts, more = 0) { // where each begins, and where the last ends
  const from = new Uint32Array(counts.length + 1);
  for (let k = 0; k < counts.length; k++) from[k + 1] = from[k] + counts[k] + more;
  return from;
}

class Coverage {
  constructor(reader, units) {
    this.units = units;
    this.grid = reader.grid;
    this.partFrom = ends(reader.stream());
    this.ringFrom = ends(reader.stream());
    this.stepFrom = ends(reader.stream());
    this.steps = this.walk(reader.stream());
    this.pointFrom = ends(reader.stream(), 2);
    this.gx = reader.sums();
    this.gy = reader.sums();
    this.count = this.partFrom.length - 1;
    this.arcs = this.pointFrom.length - 1;
    this.levels = new Map();
    this.project();
    this.measure();
  }

  walk(coded) { // 0: the next new arc; else how many arcs ago it was new, and which way it is walked
    const steps = new Int32Array(coded.length);
    let met = 0;
    for (let k = 0; k < coded.length; k++) {
      const code = coded[k], arc = code ? met - 1 - ((code - 1) >>> 1) : met++;
      steps[k] = code && (code - 1) & 1 ? ~arc : arc;
    }
    return steps;
  }
  project() {
    const { gx, gy, grid } = this, n = gx.length;
    let west = Infinity, south = Infinity, north = -Infinity;
    for (let k = 0; k < n; k++) {
      if (gx[k] < west) west = gx[k];
      if (gy[k] < south) south = gy[k];
      if (gy[k] > north) north = gy[k];
    }
    this.ox = n ? worldX(west / grid) : 0;
    this.oy = n ? worldY(north / grid) : 0;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    const rows = n && north - south < 4 * n ? new Float64Array(north - south + 1).fill(NaN) : null;
    for (let k = 0; k < n; k++) {
      this.x[k] = worldX(gx[k] / grid) - this.ox;
      if (!rows) { this.y[k] = worldY(gy[k] / grid) - this.oy; continue; }
      const row = gy[k] - south;
      if (rows[row] !== rows[row]) rows[row] = worldY(gy[k] / grid) - this.oy;
      this.y[k] = rows[row];
    }
  }
  measure() { // boxes (west, north, east, south) of arcs, rings and features; what lies on both sides of an arc
    const { count, arcs, steps } = this, last = this.stepFrom.length - 1;
    this.arcBox = boxesOf(this.pointFrom, this.x, this.y);
    this.ringBox = empty(last);
    this.boxes = empty(count);
    this.largest = new Float32Array(count); // width or height of the largest part
    this.sides = new Int32Array(2 * arcs).fill(-1);
    for (let feature = 0; feature < count; feature++) {
      const [from, to] = this.rings(feature);
      for (let ring = from; ring < to; ring++) {
        for (let k = this.stepFrom[ring]; k < this.stepFrom[ring + 1]; k++) {
          const arc = arcOf(steps[k]), side = this.sides[2 * arc] < 0 ? 2 * arc : 2 * arc + 1;
          this.sides[side] = feature;
          widen(this.ringBox, ring, this.arcBox, arc);
        }
        widen(this.boxes, feature, this.ringBox, ring);
        const size = this.extent(this.ringBox, ring);
        if (size > this.largest[feature]) this.largest[feature] = size;
      }
    }
    this.islets = Uint8Array.from({ length: last }, (_, ring) => { // rings with nothing but water around them
      const k = this.stepFrom[ring], arc = arcOf(steps[k]);
      return this.stepFrom[ring + 1] - k === 1 && this.sides[2 * arc + 1] < 0 ? 1 : 0;
    });
  }
  extent(boxes, n) { return Math.max(boxes[4 * n + 2] - boxes[4 * n], boxes[4 * n + 3] - boxes[4 * n + 1]); }
  island(feature) { // whether it has no border on land
    const [from, to] = this.rings(feature);
    for (let ring = from; ring < to; ring++) if (!this.islets[ring]) return false;
    return to > from;
  }
  rings(feature) { return [this.ringFrom[this.partFrom[feature]], this.ringFrom[this.partFrom[feature + 1]]]; }
  has(feature) { return this.partFrom[feature + 1] > this.partFrom[feature]; }

  // What each arc divides, where `group` gives the province of every unit.
  classes(group) {
    return Uint8Array.from({ length: this.arcs }, (_, arc) => {
      const a = this.sides[2 * arc], b = this.sides[2 * arc + 1], inner = (side) => side >= 0 && side < this.units;
      if (!inner(a) && !inner(b)) return AROUND;
      if (!inner(a) || !inner(b)) return OUTER;
      return group[a] === group[b] ? TOWN : BORDER;
    });
  }

  // The arcs as they are drawn at a zoom: points that would fall together are left out.
  level(zoom) {
    const step = Math.ceil(zoom * 2) / 2;
    if (this.levels.has(step)) {
      const found = this.levels.get(step);
      this.levels.delete(step);
      this.levels.set(step, found); // the last used is the last to go
      return found;
    }
    const { x, y, pointFrom, arcs } = this, near = (NEAR / 2 ** step) ** 2;
    const from = new Uint32Array(arcs + 1), keep = new Uint32Array(x.length);
    let n = 0;
    for (let arc = 0; arc < arcs; arc++) {
      const last = pointFrom[arc + 1] - 1;
      let k = pointFrom[arc], px = x[k], py = y[k];
      from[arc] = n;
      keep[n++] = k;
      for (k++; k < last; k++) {
        const dx = x[k] - px, dy = y[k] - py;
        if (dx * dx + dy * dy < near) continue;
        keep[n++] = k;
        px = x[k];
        py = y[k];
      }
      keep[n++] = last;
    }
    from[arcs] = n;
    const full = n > 0.9 * x.length; // not worth a copy
    const found = full ? { from: pointFrom, x, y } : { from, x: new Float32Array(n), y: new Float32Array(n) };
    if (!full) for (let k = 0; k < n; k++) { found.x[k] = x[keep[k]]; found.y[k] = y[keep[k]]; }
    this.levels.set(step, found);
    if (this.levels.size > LEVELS) this.levels.delete(this.levels.keys().next().value);
    return found;
  }

  // What the methods below need of a view (canvas.js).
  frame({ zoom, k, x, y, box: [west, north, east, south] }) {
    const { ox, oy } = this;
    return { level: this.level(zoom), k, dx: (ox - x) * k, dy: (oy - y) * k, box: [west - ox, north - oy, east - ox, south - oy] };
  }
  // Puts the rings of a feature on a path.
  trace(ctx, feature, frame) {
    const { level, k: scale, dx, dy } = frame, { x, y, from } = level, [first, end] = this.rings(feature);
    for (let ring = first; ring < end; ring++) {
      const box = 4 * ring, b = this.ringBox;
      if (!meets(b, box, frame.box) || (b[box + 2] - b[box] + b[box + 3] - b[box + 1]) * scale < 0.5) continue;
      let started = false;
      for (let s = this.stepFrom[ring]; s < this.stepFrom[ring + 1]; s++) {
        const step = this.steps[s], back = step < 0, arc = arcOf(step), begin = from[arc], stop = from[arc + 1];
        if (!started) {
          const k = back ? stop - 1 : begin;
          ctx.moveTo(x[k] * scale + dx, y[k] * scale + dy);
          started = true;
        }
        if (back) for (let k = stop - 2; k >= begin; k--) ctx.lineTo(x[k] * scale + dx, y[k] * scale + dy);
        else for (let k = begin + 1; k < stop; k++) ctx.lineTo(x[k] * scale + dx, y[k] * scale + dy);
      }
      ctx.closePath();
    }
  }
  line(ctx, arc, { level, k: scale, dx, dy }) {
    const { x, y, from } = level;
    ctx.moveTo(x[from[arc]] * scale + dx, y[from[arc]] * scale + dy);
    for (let k = from[arc] + 1; k < from[arc + 1]; k++) ctx.lineTo(x[k] * scale + dx, y[k] * scale + dy);
  }

  // The unit at a place, or the islet within `reach` (px of zoom 0) of it; null over the sea.
  at(latlng, reach = 0) {
    const px = worldX(latlng.lng) - this.ox, py = worldY(latlng.lat) - this.oy, { boxes, ringBox } = this;
    for (let unit = 0; unit < this.units; unit++) {
      const b = 4 * unit;
      if (px >= boxes[b] && px <= boxes[b + 2] && py >= boxes[b + 1] && py <= boxes[b + 3] && this.covers(unit, px, py)) return unit;
    }
    let best = reach, found = null;
    for (let unit = 0; reach && unit < this.units; unit++) {
      const b = 4 * unit;
      if (px < boxes[b] - reach || px > boxes[b + 2] + reach || py < boxes[b + 1] - reach || py > boxes[b + 3] + reach) continue;
      const [first, end] = this.rings(unit);
      for (let ring = first; ring < end; ring++) {
        const r = 4 * ring, w = ringBox[r + 2] - ringBox[r], h = ringBox[r + 3] - ringBox[r + 1];
        if (Math.max(w, h) > 2 * reach) continue;
        const far = Math.hypot(px - ringBox[r] - w / 2, py - ringBox[r + 1] - h / 2);
        if (far <= best) { best = far; found = unit; }
      }
    }
    return found;
  }
  covers(feature, px, py) {
    const { x, y, arcBox, pointFrom } = this, [first, end] = this.rings(feature);
    let inside = false;
    for (let s = this.stepFrom[first]; s < this.stepFrom[end]; s++) {
      const arc = arcOf(this.steps[s]), b = 4 * arc;
      if (py < arcBox[b + 1] || py > arcBox[b + 3] || px > arcBox[b + 2]) continue;
      for (let k = pointFrom[arc] + 1; k < pointFrom[arc + 1]; k++) {
        const y1 = y[k - 1], y2 = y[k];
        if (y1 > py !== y2 > py && px < x[k - 1] + ((py - y1) / (y2 - y1)) * (x[k] - x[k - 1])) inside = !inside;
      }
    }
    return inside;
  }

  box(feature) { // L.LatLngBounds, null without outline
    if (!this.has(feature)) return null;
    const [west, north, east, south] = this.boxes.subarray(4 * feature, 4 * feature + 4);
    const { ox, oy } = this;
    return L.latLngBounds([latOf(south + oy), lngOf(west + ox)], [latOf(north + oy), lngOf(east + ox)]);
  }
  // Polygons of a feature: parts of rings of closed (lon, lat) pairs; `point` makes something else of a pair.
  polygons(feature, point = (lon, lat) => [lon, lat]) {
    const round = (value) => Math.round((value / this.grid) * 1e6) / 1e6, parts = [];
    for (let part = this.partFrom[feature]; part < this.partFrom[feature + 1]; part++) {
      const rings = [];
      for (let ring = this.ringFrom[part]; ring < this.ringFrom[part + 1]; ring++) {
        const found = [];
        for (let s = this.stepFrom[ring]; s < this.stepFrom[ring + 1]; s++) {
          const step = this.steps[s], arc = arcOf(step), begin = this.pointFrom[arc], stop = this.pointFrom[arc + 1];
          for (let i = found.length ? 1 : 0; i < stop - begin; i++) {
            const k = step < 0 ? stop - 1 - i : begin + i;
            found.push(point(round(this.gx[k]), round(this.gy[k])));
          }
        }
        rings.push(found);
      }
      parts.push(rings);
    }
    return parts;
  }

  // Where a name may stand: the middle of the widest level stretch of land that is as wide a little above and below.
  // The features belong together, as the communes of a province do; `box`: only what lies in this frame counts.
  // Gives x, y, width and height of the stretch (px of zoom 0) and its latlng; null where there is no land.
  place(features, box = null) {
    const frame = empty(1), set = features.length > 1 ? new Set(features) : null;
    for (const feature of features) if (this.has(feature)) widen(frame, 0, this.boxes, feature);
    if (box) {
      for (const k of [0, 1]) { frame[k] = Math.max(frame[k], box[k]); frame[k + 2] = Math.min(frame[k + 2], box[k + 2]); }
    }
    const rows = LINES + 2, height = (frame[3] - frame[1]) / rows;
    if (!(height > 0) || !(frame[2] > frame[0])) return null;
    const cuts = this.cuts(features, set, frame[1], height, rows);
    const spans = cuts.map((found) => {
      const row = [];
      found.sort((a, b) => a - b);
      for (let k = 0; k + 1 < found.length; k += 2) {
        const a = Math.max(found[k], frame[0]), b = Math.min(found[k + 1], frame[2]);
        if (b > a) row.push([a, b]);
      }
      return row;
    });
    let best = null;
    const common = ([a, b], others) => others.map(([c, d]) => [Math.max(a, c), Math.min(b, d)])
      .reduce((most, each) => (each[1] - each[0] > most[1] - most[0] ? each : most), [0, 0]);
    spans.forEach((row, r) => row.forEach((span) => {
      const width = span[1] - span[0];
      if (best && 0.8 * width <= best.score) return;
      let open = r > 0 && r < rows - 1 ? common(common(span, spans[r - 1]), spans[r + 1]) : [0, 0];
      const tall = open[1] > open[0], score = tall ? open[1] - open[0] : 0.2 * width;
      if (!tall) open = span;
      if (best && score <= best.score) return;
      best = { score, x: (open[0] + open[1]) / 2, y: frame[1] + (r + 0.5) * height, width, height: (tall ? 3 : 1) * height };
    }));
    return best && { ...best, latlng: L.latLng(latOf(best.y + this.oy), lngOf(best.x + this.ox)) };
  }
  cuts(features, set, top, height, rows) { // where the outline crosses the middle of each row
    const { x, y, sides, pointFrom } = this, found = Array.from({ length: rows }, () => []);
    for (const feature of features) {
      const [first, end] = this.rings(feature);
      for (let s = this.stepFrom[first]; s < this.stepFrom[end]; s++) {
        const arc = arcOf(this.steps[s]);
        if (set && set.has(sides[2 * arc]) && set.has(sides[2 * arc + 1])) continue; // inside
        for (let k = pointFrom[arc] + 1; k < pointFrom[arc + 1]; k++) {
          const a = (y[k - 1] - top) / height - 0.5, b = (y[k] - top) / height - 0.5;
          const low = Math.max(0, Math.ceil(Math.min(a, b))), high = Math.min(rows - 1, Math.ceil(Math.max(a, b)) - 1);
          for (let r = low; r <= high; r++) found[r].push(x[k - 1] + ((r - a) / (b - a)) * (x[k] - x[k - 1]));
        }
      }
    }
    return found;
  }
}

const LINES = 9;

function empty(n) {
  const boxes = new Float32Array(4 * n);
  for (let k = 0; k < 4 * n; k++) boxes[k] = k % 4 < 2 ? Infinity : -Infinity;
  return boxes;
}
function boxesOf(from, x, y) { // of stretches of points
  const boxes = empty(from.length - 1);
  for (let n = 0; n < from.length - 1; n++) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (let k = from[n]; k < from[n + 1]; k++) {
      const px = x[k], py = y[k];
      if (px < west) west = px;
      if (px > east) east = px;
      if (py < north) north = py;
      if (py > south) south = py;
    }
    boxes.set([west, north, east, south], 4 * n);
  }
  return boxes;
}
function widen(boxes, n, others, m) { // the box n, so that it holds another
  const k = 4 * n, j = 4 * m;
  if (others[j] < boxes[k]) boxes[k] = others[j];
  if (others[j + 1] < boxes[k + 1]) boxes[k + 1] = others[j + 1];
  if (others[j + 2] > boxes[k + 2]) boxes[k + 2] = others[j + 2];
  if (others[j + 3] > boxes[k + 3]) boxes[k + 3] = others[j + 3];
}
function meets(boxes, k, box) {
  return boxes[k] <= box[2] && boxes[k + 2] >= box[0] && boxes[k + 1] <= box[3] && boxes[k + 3] >= box[1];
}
