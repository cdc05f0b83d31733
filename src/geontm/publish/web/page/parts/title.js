/* Title, date, what kind of figures these are, and the switch of the language. */

part('top', 0, (app) => ({
  draw() {
    const { page, layers, columns, units } = app.head, badges = [], other = app.lang === 'vi' ? 'en' : 'vi';
    if (page.schematic) badges.push(el('span', { class: 'gt-badge gt-schematic' }, app.t('schematic')));
    const told = layers.some((layer) => columns[layer.column].illustrative)
      || app.head.verdicts.rulesets.some((ruleset) => ruleset.illustrative);
    if (told) badges.push(el('span', { class: 'gt-badge gt-illustrative' }, app.t('illustrative')));
    const button = el('button', { type: 'button', class: 'gt-button gt-lang', lang: other,
      onclick: () => { app.set({ lang: other, unit: null }); app.panel.querySelector('.gt-lang').focus(); } },
      other === 'en' ? 'English' : 'Tiếng Việt');
    const n = app.number(units.code.length, 0), size = page.kinds ? `${n} ${app.pick(page.kinds)}` : app.t('units', { n });
    return el('div', {},
      el('div', { class: 'gt-top' }, el('p', { class: 'gt-heading' }, app.pick(page.map)), button),
      el('h1', {}, page.title),
      el('p', { class: 'gt-sub' }, [size, page.as_of ? app.t('as_of', { day: app.day(page.as_of) }) : ''].filter(Boolean).join(' · ')),
      badges.length ? el('p', { class: 'gt-badges' }, ...badges) : '');
  },
}));
