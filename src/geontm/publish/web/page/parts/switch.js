/* Which layer is shown. */

part('panel', 20, (app) => {
  let box = null;
  return {
    draw() {
      const { layers } = app.head;
      if (layers.length < 2) return null; // the legend says what is shown
      // A long list is folded by group, a short one stands in one piece, so that the legend stays in sight.
      const folded = layers.length > MANY_LAYERS && groupsOf(app).length > 1;
      box = el('div', {}, ...groupsOf(app, folded).map(([name, numbers]) => {
        const fields = el('fieldset', { class: 'gt-switch' }, el('legend', { class: folded ? 'gt-hidden' : null }, name),
          ...numbers.map((number) => el('label', {},
            el('input', { type: 'radio', name: 'gt-layer', value: layers[number].key,
              checked: number === app.state.layer, onchange: () => app.set({ layer: number, unit: null }) }),
            el('span', {}, app.pick(layers[number].short)))));
        return folded ? el('details', { class: 'gt-group', open: numbers.includes(app.state.layer) },
          el('summary', {}, name, el('span', {}, String(numbers.length))), fields) : fields;
      }));
      return box;
    },
    update(changed) {
      if (!changed.has('layer') || !box) return;
      for (const input of box.querySelectorAll('input')) input.checked = input.value === app.layer.key;
    },
  };
});
