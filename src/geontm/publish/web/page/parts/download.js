/* The units of the filter to take along: a table for a spreadsheet, outlines for a GIS. */

part('panel', 60, (app) => {
  const { units, columns, page } = app.head;
  const named = (chosen) => `${fileName(page.title)}${chosen.length < app.count ? `-${chosen.length}` : ''}`;
  // A measure that is open for some units takes its bounds along.
  const ends = (name) => (columns[name].bounds ? [['low', 'at_least', 0], ['high', 'at_most', 1]] : []);

  function titled(name) {
    const column = columns[name], sign = column.unit ? ` (${app.unit(column.unit)})` : '', year = app.years(name).includes(app.state.year) ? app.state.year : null;
    return `${app.pick(column.label)}${sign}${year ? ` – ${year}` : ''}${column.illustrative ? ` – ${app.t('illustrative')}` : ''}`;
  }
  function csv() {
    const units_ = unitsShown(app), names = tableColumns(app);
    const head = [app.t('unit_code'), app.t('unit_name'), app.t('province'),
      ...names.flatMap((name) => [titled(name), ...ends(name).map(([, key]) => app.t(key, { label: titled(name) }))])];
    const lines = units_.map((unit) => [units.code[unit], units.name[unit], units.provinces[units.province[unit]],
      ...names.flatMap((name) => [plain(name, unit), ...ends(name).map(([, , k]) => columns[name].bounds[k][unit])])]);
    const text = '\ufeff' + [head, ...lines].map((line) => line.map(csvCell).join(',') + '\r\n').join('');
    save(`${named(units_)}.csv`, 'text/csv;charset=utf-8', text);
    return units_.length;
  }
  function plain(name, unit) {
    const value = app.values(name)[unit];
    return typeof value === 'number' && !columns[name].choices[String(value)] ? value : value === null ? null : app.value(name, unit);
  }
  function geojson() {
    const units_ = unitsShown(app), names = tableColumns(app);
    const features = units_.map((unit) => JSON.stringify({ type: 'Feature', id: units.code[unit],
      properties: { commune_code: units.code[unit], commune_name: units.name[unit], kind: units.kind[unit] || null,
        province_name: units.provinces[units.province[unit]],
        ...Object.fromEntries(names.flatMap((name) => [[name, app.values(name)[unit]],
          ...ends(name).map(([end, , k]) => [`${name}_${end}`, columns[name].bounds[k][unit]])])) },
      geometry: geometry(unit) }));
    const about = { type: 'FeatureCollection', title: page.title, as_of: page.as_of, note: note(), tolerance_m: page.tolerance_m,
      columns: Object.fromEntries(names.map((name) => [name, titled(name)])) };
    save(`${named(units_)}.geojson`, 'application/geo+json', JSON.stringify(about).slice(0, -1) + `,\n"features": [\n${features.join(',\n')}\n]}\n`);
    return units_.length;
  }
  function note() {
    const lines = [app.t('download_note', { m: app.number(page.tolerance_m, 0) }), app.t('boundaries', { source: app.pick(page.boundary_source) })];
    return [...lines, page.schematic ? app.t('schematic_note') : ''].filter(Boolean).join(' ');
  }
  // By RFC 7946: degrees, outer rings anticlockwise, holes clockwise.
  function geometry(unit) {
    const turned = (ring, anticlockwise) => {
      let area = 0;
      for (let k = 1; k < ring.length; k++) area += ring[k - 1][0] * ring[k][1] - ring[k][0] * ring[k - 1][1];
      return area > 0 === anticlockwise ? ring : ring.reverse();
    };
    const parts = app.ground.coverage.polygons(unit).map((part) => part.map((ring, k) => turned(ring, k === 0)));
    if (!parts.length) return null;
    return parts.length > 1 ? { type: 'MultiPolygon', coordinates: parts } : { type: 'Polygon', coordinates: parts[0] };
  }
  return {
    draw() {
      const live = el('p', { class: 'gt-hidden', role: 'status' });
      const button = (key, make) => el('button', { type: 'button', class: `gt-button gt-third gt-${key}`, title: app.t(key + '_about'),
        onclick: () => { live.textContent = app.t('downloaded', { n: app.number(make(), 0) }); } }, app.t(key));
      return el('div', { class: 'gt-tools' }, button('csv', csv), button('geojson', geojson), live);
    },
  };
});
