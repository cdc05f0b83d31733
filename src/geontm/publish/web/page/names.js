/* Names on a canvas above the map; a name that would touch another, or is much wider than its unit, waits for zoom. */

const Names = L.Layer.extend({
  initialize(candidates) { this.candidates = candidates; },
  onAdd(map) {
    this.canvas = L.DomUtil.create('canvas', 'gt-names leaflet-zoom-hide', map.getPane('gt-names'));
    this.canvas.setAttribute('aria-hidden', 'true');
    map.on('moveend zoomend resize', this.draw, this);
    this.draw();
  },
  onRemove(map) { map.off('moveend zoomend resize', this.draw, this); this.canvas.remove(); },
  draw() {
    const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
    this.canvas.width = size.x * ratio;
    this.canvas.height = size.y * ratio;
    this.canvas.style.width = size.x + 'px';
    this.canvas.style.height = size.y + 'px';
    const ctx = this.canvas.getContext('2d'), taken = [];
    ctx.scale(ratio, ratio);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.lineJoin = 'round';
    for (const name of this.candidates) {
      if (map.getZoom() < name.from || map.getZoom() >= name.to) continue;
      const at = map.latLngToContainerPoint(name.at);
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) continue;
      ctx.font = name.font;
      const width = ctx.measureText(name.text).width;
      if (name.box) {
        const sw = map.latLngToContainerPoint(name.box.getSouthWest());
        const ne = map.latLngToContainerPoint(name.box.getNorthEast());
        if (width > 1.12 * (ne.x - sw.x) || sw.y - ne.y < 13) continue;
      }
      const free = (y) => {
        const mine = [at.x - width / 2 - 2, y - 8, at.x + width / 2 + 2, y + 8];
        return !taken.some((t) => mine[0] < t[2] && t[0] < mine[2] && mine[1] < t[3] && t[1] < mine[3]) && taken.push(mine);
      };
      const y = [0, -11, 11, -16, 16].map((step) => at.y + name.shift + step).find(free);
      if (y === undefined) continue;
      ctx.strokeStyle = 'rgba(255,255,255,.86)';
      ctx.lineWidth = name.halo;
      ctx.strokeText(name.text, at.x, y);
      ctx.fillStyle = name.colour;
      ctx.fillText(name.text, at.x, y);
    }
    this.drawn = taken.length;
  },
});
