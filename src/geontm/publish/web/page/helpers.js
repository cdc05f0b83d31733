/* Small helpers. Texts from files reach the page only through append() and textContent. */

const HATCH = 'hatch';
const OUT = '#dcdcda'; // what the filter leaves out
const SEEN = 14; // px: a unit with a part this large needs no help to be seen
const MIN_DOT = 2.4; // px: an islet never shrinks below this radius, or Hoàng Sa and Trường Sa would vanish

const el = (tag, ...rest) => dressed(document.createElement(tag), ...rest);
const svg = (tag, ...rest) => dressed(document.createElementNS('http://www.w3.org/2000/svg', tag), ...rest);

function dressed(node, attributes, ...children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

const MANY_LAYERS = 12;

const bare = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
const shortName = (name) => name.replace(/^(Xã|Phường|Thị trấn|Đặc khu|Tỉnh|Thành phố)\s+/i, '');
const shortKey = (key) => key.replace(/^(xa|phuong|thi tran|dac khu)\s+/, '');
const isNumber = (column) => ['number', 'integer'].includes(column.type) && !Object.keys(column.choices).length;
const spanOf = (years) => (years.length > 1 ? `${years[0]}–${years[years.length - 1]}` : String(years[0]));

function swatchOf(colour) {
  const swatch = el('span', { class: 'gt-swatch' + (colour === HATCH ? ' gt-hatch' : '') });
  if (colour !== HATCH) swatch.style.backgroundColor = colour;
  return swatch;
}

// The comparisons of a filter; PLACE stands for the province where a column is named.
const PLACE = 'province';
const COMPARE = {
  lt: (value, a) => value < a, le: (value, a) => value <= a, ge: (value, a) => value >= a, gt: (value, a) => value > a,
  in: (value, a, b) => value >= a && value <= b,
};

// The layers by group, in their order: [[name, numbers], ...]; all in one where they are not parted.
function groupsOf(app, parted = true) {
  const groups = new Map();
  app.head.layers.forEach((layer, number) => {
    const name = (parted && app.pick(layer.group)) || app.t('indicators');
    groups.set(name, [...(groups.get(name) || []), number]);
  });
  return [...groups];
}

// Gives tell(thing, latlng, lines): what is pointed at on a map is told beside the pointer; tell(null): nothing is.
function tipOn(map, gap) {
  const tip = L.tooltip({ direction: 'top', offset: [0, -gap], className: 'gt-tip' });
  let told = null;
  return (thing, latlng, lines) => {
    if (thing === null) tip.remove();
    else {
      if (thing !== told) {
        const [name, ...more] = lines();
        tip.setContent(el('div', {}, el('strong', {}, name), ...more.map((line) => el('span', {}, line))));
      }
      tip.setLatLng(latlng);
      if (!map.hasLayer(tip)) tip.addTo(map);
    }
    told = thing;
  };
}

// The layer that is shown, then what a card shows.
function tableColumns(app) {
  return [...new Set([...app.layer.columns, ...app.head.popup])].filter((name) => app.head.columns[name]);
}

// The units that the filter lets through.
const unitsShown = ({ state, head }) => head.units.code.map((_, unit) => unit).filter((unit) => !state.shown || state.shown[unit]);

// Shows what was in sight before the map changed its size: the whole project where all of it was.
function showAgain(app, box) {
  const { bounds } = app.head;
  if (bounds && box.contains(L.latLngBounds([bounds[1], bounds[0]], [bounds[3], bounds[2]]))) app.ground.home();
  else app.map.fitBounds(box, { animate: false });
}

const fileName = (title) => bare(title).replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60).replace(/-$/, '') || 'geontm';

// A cell of a CSV file: text stands in quotes and never starts a formula; a number is plain, an unknown is empty.
function csvCell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = String(value).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '');
  const formula = /^ *[=+\-@\t\r\n]/.test(text) && !/^[-+]?\d+([.,]\d+)*(e[-+]?\d+)?%?$/i.test(text);
  return `"${(formula ? "'" : '') + text.replace(/"/g, '""')}"`;
}

function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type })), link = el('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 20000);
}
