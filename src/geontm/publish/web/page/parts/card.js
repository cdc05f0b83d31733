/* The card of one unit: its figures and the reasons of every rule set. */

part('map', 40, (app) => {
  let opener = null; // what had the focus before the card: it gets it back
  let hung = null; // the card on the map
  function card(unit) {
    const { units, columns, popup } = app.head;
    const chosen = app.layer.columns;
    const ranks = rankOf(unit), told = (name) => !(ranks.length && name === 'priority_rank'); // its rank stands above
    const rows = [...new Set([...chosen.filter((name) => popup.includes(name)), ...popup])].filter(told).map((name) => {
      const column = columns[name], value = app.value(name, unit);
      return el('tr', { class: chosen.includes(name) ? 'gt-chosen' : null },
        el('th', { scope: 'row' }, app.pick(column.label),
          app.years(name).includes(app.state.year) ? el('small', { class: 'gt-of-year' }, ' · ' + app.t('of_year', { year: app.state.year })) : '',
          column.illustrative ? el('span', { class: 'gt-mark', title: app.t('illustrative') }, ' ◇') : ''),
        el('td', { class: value === null ? 'gt-none' : null }, trendOf(app, name, unit), value === null ? nothing(name) : value || '–'));
    });
    const any = popup.some((name) => columns[name].illustrative);
    const figures = rows.length ? el('table', {}, el('tbody', {}, ...rows)) : '';
    const mark = any ? el('p', { class: 'gt-fine' }, '◇ ' + app.t('illustrative')) : '';
    const placed = chosen.filter((name) => !name.startsWith('priority_')).map((name) => [app.pick(columns[name].short), standing(name, unit)]);
    const standings = [...placed, ...ranks].filter(([, text]) => text);
    const reasonsFirst = app.layer.kind === 'category';
    return el('div', { class: 'gt-card', role: 'dialog', 'aria-label': units.name[unit] },
      el('h2', {}, units.name[unit]),
      el('p', { class: 'gt-where' }, [units.provinces[units.province[unit]], `${app.t('code')} ${units.code[unit]}`].filter(Boolean).join(' · ')),
      standings.length ? el('dl', { class: 'gt-standing' }, ...standings.flatMap(([name, text]) =>
        [el('dt', {}, name), el('dd', {}, text)])) : '',
      ...(reasonsFirst ? [...reasons(unit), figures, mark] : [outcomes(unit), figures, mark, ...reasons(unit)]));
  }

  // The verdict of every rule set in a line each; the reasons stand below the figures.
  function outcomes(unit) {
    const { rulesets, tests, rows } = reasonsOf(app.head.verdicts, unit);
    const found = rulesets.map((ruleset, number) => {
      const row = rows.find((each) => tests[each[0]][0] === number && tests[each[0]][1] === ruleset.id);
      return row ? el('li', { class: 'gt-a' + row[1] }, sign(row[1]), el('span', {}, app.pick(ruleset.label))) : '';
    });
    return found.some(Boolean) ? el('ul', { class: 'gt-outcomes', 'aria-label': app.t('outcomes') }, ...found) : '';
  }
  const sign = (answer) => el('span', { class: 'gt-sign', role: 'img', 'aria-label': app.t('answer_' + answer) }, '✗✓?'[answer]);

  // The rank of priority, counted alike (standing.py) among all units and, where there are several provinces, in its own.
  function rankOf(unit) {
    const rank = app.head.ranks[unit], n = (value) => app.number(value, 0);
    if (!rank) return [];
    const line = (key, [best, worst, of]) => [app.t(key), app.t(best === worst ? 'rank_of' : 'rank_open', { a: n(best), b: n(worst), of: n(of) })];
    return rank.length > 3 ? [line('rank_province', rank.slice(3)), line('rank_whole', rank)] : [line('rank', rank)];
  }

  // The place of a unit among those of its province that have a figure, the highest first.
  function standing(name, unit) {
    const { units, columns } = app.head, column = columns[name];
    if (!column || !['number', 'integer'].includes(column.type) || Object.keys(column.choices).length) return '';
    const values = app.values(name), mine = values[unit];
    if (mine === null || (mine === 0 && app.layer.zero)) return ''; // nothing at all has no place
    let before = 0, same = -1, known = 0, all = 0;
    for (let other = 0; other < app.count; other++) {
      if (units.province[other] !== units.province[unit]) continue;
      all++;
      const value = values[other];
      if (value === null) continue;
      known++;
      if (value === mine) same++;
      else if (value > mine) before++;
    }
    const n = (value) => app.number(value, 0);
    return [app.t('standing_high', { n: n(before + 1), of: n(known) }),
      same ? app.t('standing_ties', { n: n(same) }) : '',
      known < all ? app.t('standing_without', { n: n(all - known) }) : ''].filter(Boolean).join('; ');
  }

  function nothing(name) {
    return app.nothing(app.head.columns[name]);
  }

  function reasons(unit) {
    const { rulesets, tests, texts, rows, briefs } = reasonsOf(app.head.verdicts, unit), side = app.lang === 'vi' ? 0 : 1;
    const found = [], star = () => el('span', { class: 'gt-mark', title: app.t('illustrative') }, ' ◇');
    rulesets.forEach((ruleset, number) => {
      const mine = rows.filter((row) => tests[row[0]][0] === number);
      if (!mine.length) return;
      // The verdict of the whole set stands first; an outcome that says the same is not repeated.
      const verdict = mine.find((row) => tests[row[0]][1] === ruleset.id);
      const rest = mine.filter((row) => row !== verdict && !(verdict && row[3] === verdict[3] && row[1] === verdict[1]));
      const counts = [0, 0, 0];
      const single = rest.filter((row) => tests[row[0]][3]);
      (single.length ? single : rest).forEach((row) => counts[row[1]]++);
      const item = ([test, answer, value, words]) => {
        const [, name, article, threshold] = tests[test], text = texts[words][side] || name;
        const told = article && texts[words].some((text) => text.includes(article)); // articles are in Vietnamese
        const plain = (word) => (word === 'true' || word === 'false' ? app.t(word === 'true' ? 'yes' : 'no') : word);
        const facts = told ? '' : [value !== '' ? `${app.t('value')}: ${plain(value)}` : '',
          threshold ? `${app.t('threshold')}: ${plain(threshold)}` : '', article].filter(Boolean).join(' · ');
        return el('li', { class: 'gt-a' + answer },
          sign(answer),
          el('div', {}, el('span', {}, text), facts ? el('small', {}, facts) : ''));
      };
      const [, change, missing] = briefs.find((brief) => brief[0] === number) || [0, -1, -1];
      const brief = (key, words) => words < 0 ? '' : el('p', { class: 'gt-brief' },
        el('b', {}, app.t(key)), ' ' + texts[words][side]);
      found.push(el('section', {},
        el('h4', {}, app.pick(ruleset.label), ruleset.illustrative ? star() : '', ruleset.document ? el('small', {}, ruleset.document) : ''),
        verdict ? el('ul', { class: 'gt-verdict' }, item(verdict)) : '',
        brief('changes', change), brief('missing', missing),
        rest.length ? el('details', { open: !verdict || ruleset.scored },
          el('summary', {}, el('span', {}, app.t(ruleset.scored ? 'criteria' : 'tests')),
            el('span', { class: 'gt-tally' }, (ruleset.scored ? '' : `✓ ${counts[1]}   `) + `✗ ${counts[0]}   ? ${counts[2]}`)),
          el('ul', {}, ...rest.map(item))) : ''));
    });
    const marked = rulesets.some((ruleset) => ruleset.illustrative);
    return found.length ? [el('h3', {}, app.t('why')), ...found,
      marked ? el('p', { class: 'gt-fine' }, '◇ ' + app.t('illustrative')) : ''] : [];
  }

  function open(unit) {
    const box = app.map.getSize(), most = Math.min(380, box.x - 64), content = card(unit);
    const place = app.state.at || app.ground.place(unit);
    const mine = L.popup({ maxWidth: most, minWidth: Math.min(270, most), maxHeight: tallest(),
      className: 'gt-popup', autoPanPaddingTopLeft: corner(), autoPanPaddingBottomRight: [box.x > 500 ? 56 : 14, 14] }); // beside the zoom buttons
    mine.setContent(content).setLatLng(place || app.map.getCenter()).openOn(app.map);
    hung = mine;
    const before = document.activeElement, frame = mine.getElement();
    opener = before && before !== document.body ? before : app.map.getContainer();
    mine.on('remove', () => {
      if (hung === mine) hung = null;
      if (frame.contains(document.activeElement) && opener.isConnected) opener.focus({ preventScroll: true });
      if (app.state.unit === unit) app.set({ unit: null });
    });
    frame.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') { event.stopPropagation(); app.map.closePopup(mine); }
    });
    const button = frame.querySelector('.leaflet-popup-close-button'); // that of Leaflet is a link to nowhere
    button.removeAttribute('href');
    for (const [name, value] of [['role', 'button'], ['tabindex', '0'], ['aria-label', app.t('close')]]) button.setAttribute(name, value);
    button.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); app.map.closePopup(mine); }
    });
    content.setAttribute('tabindex', '-1');
    content.focus({ preventScroll: true });
  }
  // Beside what floats over the left edge of the map: the button that folds the panel, and the folded panel.
  function corner() {
    const { left, width } = app.map.getContainer().getBoundingClientRect();
    const ends = [...document.querySelectorAll('.gt-fold, .gt-folded .gt-panel')].map((each) => each.getBoundingClientRect().right - left + 10);
    return [Math.max(14, Math.min(Math.max(...ends), width - 440)), 14];
  }
  const tallest = () => Math.min(520, app.map.getSize().y - 90);
  function refit() {  // the map has another size: the card stays on it
    if (!hung) return;
    const before = document.activeElement;
    Object.assign(hung.options, { maxHeight: tallest(), autoPanPaddingTopLeft: corner() });
    hung.update();
    if (before !== document.activeElement && before.isConnected) before.focus({ preventScroll: true });
  }
  return {
    start() { app.map.on('resize', refit); },
    update(changed) {
      if (changed.has('year') && !changed.has('unit') && hung) return void hung.setContent(card(app.state.unit)); // the slider keeps the focus
      if (!changed.has('unit') && !changed.has('lang')) return;
      app.map.closePopup();
      if (app.state.unit !== null) open(app.state.unit);
    },
  };
});
