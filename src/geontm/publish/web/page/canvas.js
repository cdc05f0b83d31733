/* What Leaflet's canvas lacks: islets of a least size, a hatch for the unknown. */

// Canvas polygons: islets keep a least size on the screen.
const IsletCanvas = L.Canvas.extend({
  _updatePoly(layer, closed) {
    L.Canvas.prototype._updatePoly.call(this, layer, closed);
    if (!layer.options.islets || !this._drawing) return;
    const extent = (box) => Math.max(box.getSize().x, box.getSize().y);
    const boxes = layer._parts.filter((part) => part.length).map((part) => L.bounds(part));
    if (boxes.some((box) => extent(box) >= SEEN)) return; // the unit shows; dots would only crowd its bay
    const ctx = this._ctx;
    ctx.beginPath();
    for (const box of boxes) {
      if (extent(box) >= 2 * MIN_DOT) continue;
      const centre = box.getCenter();
      ctx.moveTo(centre.x + MIN_DOT, centre.y);
      ctx.arc(centre.x, centre.y, MIN_DOT, 0, 2 * Math.PI);
    }
    this._fillStroke(ctx, layer);
  },
});

function hatch() {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 7;
  const ctx = tile.getContext('2d');
  ctx.fillStyle = '#f7f6f3';
  ctx.fillRect(0, 0, 7, 7);
  ctx.strokeStyle = '#9a978f';
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const shift of [-7, 0, 7]) {
    ctx.moveTo(shift - 1, 8);
    ctx.lineTo(shift + 8, -1);
  }
  ctx.stroke();
  return ctx.createPattern(tile, 'repeat');
}
