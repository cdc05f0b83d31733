/* Small helpers. Texts from files reach the page only through append() and textContent. */

const HATCH = 'hatch';
const OUT = '#dcdcda'; // what the filter leaves out
const SEEN = 14; // px: a unit with a part this large needs no help to be seen
const MIN_DOT = 2.4; // px: an islet never shrinks below this radius, or Hoàng Sa and Trường Sa would vanish

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

const MANY_PARTS = 20; // the shores of so many islands, drawn small, would blacken their bay
const MANY_LAYERS = 12;
const WHOLE = new Set(['người', 'hộ', 'thôn']); // counted, even where a raster gives parts of them

const bare = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
const shortName = (name) => name.replace(/^(Xã|Phường|Thị trấn|Đặc khu|Tỉnh|Thành phố)\s+/i, '');
const shortKey = (key) => key.replace(/^(xa|phuong|thi tran|dac khu)\s+/, '');
const spanOf = (years) => (years.length > 1 ? `${years[0]}–${years[years.length - 1]}` : String(years[0]));

function swatchOf(colour) {
  const swatch = el('span', { class: 'gt-swatch' + (colour === HATCH ? ' gt-hatch' : '') });
  if (colour !== HATCH) swatch.style.backgroundColor = colour;
  return swatch;
}
