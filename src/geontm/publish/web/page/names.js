/* Names on a canvas above the map. A name stands inside its unit, in one line or two; one that would touch another moves
   a little, one for which there is no room, or that does not fit, waits for zoom. The first candidate has the first choice.

   A candidate is { text, at: (view) => [{ latlng, width, height }], from, to, font, colour, halo, shift, fit, move, feature,
   under }: `at` is asked when the name may be drawn (px of zoom 0), for the places where it may stand, the best one first;
   `fit`: at most how many times as large as that (0: no matter; its lines are given); `move`: how far from there (px);
   `feature` of the coverage: only where that is in view; `under`: below it while it is small. */

const Names = Picture.extend({
  options: { padding: 0, pane: 'gt-names' },

  initialize(coverage, candidates) {
    L.Renderer.prototype.initialize.call(this);
    Object.assign(this, { coverage, candidates, widths: new Map() });
  },
  _initContainer() {
    Picture.prototype._initContainer.call(this);
    this._container.classList.add('leaflet-zoom-hide');
  },
  replace(candidates) { this.candidates = candidates; this.again(); },

  picture(ctx, { zoom, k, box: [west, north, east, south] }) {
    const map = this._map, size = map.getSize(), { coverage } = this, { ox, oy } = coverage, taken = [], told = [];
    const view = [west - ox, north - oy, east - ox, south - oy];
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const name of this.candidates) {
      if (zoom < name.from || zoom >= name.to || (name.feature !== null && !meets(coverage.boxes, 4 * name.feature, view))) continue;
      const small = name.under ? coverage.largest[name.feature] * k : 99, shift = small < 40 ? small / 2 + 8 : name.shift;
      ctx.font = name.font;
      for (const place of name.at(view)) {
        const at = map.latLngToContainerPoint(place.latlng);
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
        const set = this.room(ctx, name, place, { x: at.x, y: at.y + shift }, k, taken);
        if (!set) continue;
        told.push(name.text.replace('\n', ' '));
        set.lines.forEach((line, n) => {
          const middle = set.y + (n - (set.lines.length - 1) / 2) * LINE;
          ctx.strokeStyle = 'rgba(255,255,255,.88)';
          ctx.lineWidth = name.halo;
          ctx.strokeText(line, set.x, middle);
          ctx.fillStyle = name.colour;
          ctx.fillText(line, set.x, middle);
        });
        break;
      }
    }
    this.told = told; // what stands on the map now
  },
  room(ctx, name, place, at, k, taken) { // where a name touches no other: { lines, x, y }, null where there is no room
    for (const lines of this.lines(ctx, name, place.width * k, place.height * k)) {
      const wide = Math.max(...lines.map((line) => this.width(ctx, name.font, line))) / 2 + 2, tall = (LINE * lines.length) / 2 + 1;
      for (const [right, down] of AROUND_IT) {
        const x = at.x + right * Math.min(name.move, 0.6 * wide), y = at.y + down * Math.min(name.move, LINE);
        const mine = [x - wide, y - tall, x + wide, y + tall];
        if (taken.some((t) => mine[0] < t[2] && t[0] < mine[2] && mine[1] < t[3] && t[1] < mine[3])) continue;
        taken.push(mine);
        return { lines, x, y };
      }
    }
    return null;
  },
  lines(ctx, name, width, height) { // how the name may be set: in one line, or in two of about the same length
    if (!name.fit) return [name.text.split('\n')];
    const words = name.text.split(' '), whole = [[name.text]];
    const fits = (lines) => height * name.fit >= LINE * lines.length && lines.every((line) => this.width(ctx, name.font, line) <= name.fit * width);
    for (let cut = 1; cut < words.length; cut++) whole.push([words.slice(0, cut).join(' '), words.slice(cut).join(' ')]);
    const longest = (lines) => Math.max(...lines.map((line) => line.length));
    return whole.filter(fits).sort((a, b) => a.length - b.length || longest(a) - longest(b));
  },
  width(ctx, font, text) {
    const key = font + text;
    if (!this.widths.has(key)) this.widths.set(key, ctx.measureText(text).width);
    return this.widths.get(key);
  },
});

const LINE = 13; // px
const AROUND_IT = [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [1, 1], [-1, 1], [-1, -1], [0, -1.5], [0, 1.5]];
