/* The legend of two columns: a square of colours with the number of communes in each cell, both sides named. Both run
   from good to bad; the arrow of a side shows where its figures grow. */

function squareOf(app, layer, counts) {
  const [across, up] = layer.axes, rows = up.names.map((_, row) => row).reverse();
  const unit = (axis) => (axis.unit ? ` (${app.unit(axis.unit)})` : '');
  const cell = (row, col) => {
    const k = row * across.names.length + col, { colour, label } = layer.categories[k];
    const node = el('td', { title: app.pick(label) }, app.number(counts[k], 0));
    node.style.backgroundColor = colour;
    node.style.color = dark(colour) ? '#ffffff' : '#000000';
    return node;
  };
  return el('div', { class: 'gt-square' },
    el('p', { class: 'gt-up' }, up.reverse ? '↓ ' : '↑ ', app.pick(up.short), unit(up)),
    el('table', {}, el('caption', { class: 'gt-hidden' }, app.t('square_caption', { a: app.pick(across.label), b: app.pick(up.label) })),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, el('th', { scope: 'row' }, app.pick(up.names[row])),
        ...across.names.map((_, col) => cell(row, col))))),
      el('tfoot', {}, el('tr', {}, el('td', {}), ...across.names.map((name) => el('th', { scope: 'col' }, app.pick(name)))))),
    el('p', { class: 'gt-across' }, across.reverse ? '← ' : '', app.pick(across.short), unit(across), across.reverse ? '' : ' →'));
}

// Whether white reads better on a colour than black does (WCAG relative luminance).
function dark(colour) {
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.179;
}
