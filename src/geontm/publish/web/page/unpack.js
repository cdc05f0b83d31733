/* Unpacks what a page carries: a JSON header and varint streams (see geometry.py). */

async function unpack(id) {
  const packed = atob(document.getElementById(id).textContent.trim());
  const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(raw.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  return { head, reader: new Reader(raw, 4 + length, head.grid) };
}

class Reader {
  constructor(bytes, at, grid) {
    this.bytes = bytes;
    this.at = at;
    this.grid = grid;
  }
  number() {
    let value = 0, scale = 1, byte;
    do {
      byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte & 128);
    return value;
  }
  stream() {
    const found = new Array(this.number());
    for (let k = 0; k < found.length; k++) found[k] = this.number();
    return found;
  }
  positions() {
    const steps = this.stream();
    let sum = 0;
    return steps.map((step) => (sum += step % 2 ? -(step + 1) / 2 : step / 2) / this.grid);
  }
  polygons() {
    const parts = this.stream(), rings = this.stream(), points = this.stream();
    const x = this.positions(), y = this.positions();
    let part = 0, ring = 0, point = 0;
    return parts.map((nParts) => Array.from({ length: nParts }, () =>
      Array.from({ length: rings[part++] }, () =>
        Array.from({ length: points[ring++] }, () => new L.LatLng(y[point], x[point++])))));
  }
  lines() {
    const points = this.stream(), x = this.positions(), y = this.positions();
    let point = 0;
    return points.map((n) => Array.from({ length: n }, () => new L.LatLng(y[point], x[point++])));
  }
}
