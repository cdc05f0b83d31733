/* Unpacks what a page carries: a JSON header and varint streams (see arcs.py). */

async function unpack(id) {
  const place = document.getElementById(id), raw = await gunzip(unbase64(place.textContent.trim()));
  place.textContent = ''; // it is the largest part of the page, and needed no more
  const length = new DataView(raw.buffer, raw.byteOffset).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  return { head, reader: new Reader(raw.slice(4 + length), 0, head.grid) };
}

function unbase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const packed = atob(text), bytes = new Uint8Array(packed.length);
  for (let k = 0; k < packed.length; k++) bytes[k] = packed.charCodeAt(k);
  return bytes;
}

async function gunzip(bytes) {
  if (typeof DecompressionStream === 'undefined') return fflate.gunzipSync(bytes); // browsers before 2023
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Reader {
  constructor(bytes, at, grid) {
    this.bytes = bytes;
    this.at = this.from = at;
    this.grid = grid;
  }
  block(at, grid) { return new Reader(this.bytes, this.from + at, grid); } // what begins so many bytes after the header
  text() { // UTF-8, after how many bytes it is
    const length = this.stream()[0];
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
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
  stream() { // numbers below 2**32, after how many they are
    const found = new Uint32Array(this.number()), { bytes } = this;
    let { at } = this;
    for (let k = 0; k < found.length; k++) {
      let byte = bytes[at++], value = byte & 127, shift = 7;
      while (byte & 128) {
        byte = bytes[at++];
        value |= (byte & 127) << shift;
        shift += 7;
      }
      found[k] = value;
    }
    this.at = at;
    return found;
  }
  sums() { // differences in zigzag, added up
    const steps = this.stream(), found = new Int32Array(steps.length);
    let sum = 0;
    for (let k = 0; k < steps.length; k++) {
      sum += (steps[k] >>> 1) ^ -(steps[k] & 1);
      found[k] = sum;
    }
    return found;
  }
}
