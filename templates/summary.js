// The first view: what there is, what costs most, and the longest way through it.

const kinds = list => {
  const all = new Map();
  list.forEach(s => all.set(s.kind, (all.get(s.kind) || 0) + 1));
  const many = (kind, n) => n === 1 ? n + ' ' + kind : kind === 'library' ? n + ' libraries'
    : kind === 'run of a build script' ? n + ' runs of build scripts' : n + ' ' + kind + 's';
  return [...all].sort((a, b) => b[1] - a[1] || byText(a[0], b[0])).map(([kind, n]) => many(kind, n)).join(', ');
};

// Every package and version: its steps, their time, and what is built again when they change.
const totals = (() => {
  const all = new Map();
  steps.forEach((s, i) => {
    const name = s.package + ' ' + s.version;
    const p = all.get(name) || { name, ids: [], time: 0, set: new Uint32Array(words32) };
    p.ids.push(i); p.time += s.time || 0; unite(p.set, above[i]);
    all.set(name, p);
  });
  return [...all.values()].map(p => ({ ...p, steps: p.ids.length, cost: size(p.set), last: p.ids[p.ids.length - 1] }));
})();
const measures = { time: p => seconds(p.time), cost: p => 'rebuilds ' + p.cost, steps: p => count(p.steps, 'step') };
const onTile = { ...measures, cost: p => p.cost, steps: p => p.steps };

// Rectangles as square as may be, each as large as its part: rows along the shorter side.
function squares(items, x, y, w, h, put) {
  let sum = items.reduce((all, item) => all + item.size, 0), from = 0;
  while (from < items.length && sum > 0 && w > 0 && h > 0) {
    const side = Math.min(w, h), area = w * h / sum;
    let row = 0, to = from, worst = Infinity;
    while (to < items.length) {
      const next = row + items[to].size, thick = next * area / side;
      const ratio = Math.max(items[from].size * area / thick / thick, thick * thick / (items[to].size * area));
      if (ratio > worst) break;
      worst = ratio; row = next; to++;
    }
    const thick = row * area / side;
    let at = 0;
    for (; from < to; from++) {
      const long = items[from].size * area / thick;
      if (w >= h) put(items[from], x, y + at, thick, long); else put(items[from], x + at, y, long, thick);
      at += long;
    }
    sum -= row;
    if (w >= h) { x += thick; w -= thick; } else { y += thick; h -= thick; }
  }
}

// The map lies in units of its own, so that it fits any width. The table below says the same.
function map() {
  const by = $('measure').value, W = 1000, H = 420, tiles = document.createDocumentFragment();
  const items = totals.map(p => ({ p, size: p[by] })).filter(item => item.size > 0);
  items.sort((a, b) => b.size - a.size || byText(a.p.name, b.p.name));
  const whole = items.reduce((all, item) => all + item.size, 0);
  squares(items, 0, 0, W, H, (item, x, y, w, h) => {
    const p = item.p, host = p.ids.every(i => steps[i].platform === 'host');
    const tile = el('a', undefined, {
      href: address(p.last), tabindex: -1, class: 'tile' + (host ? ' host' : ''),
      title: p.name + ': ' + measures[by](p) + ', ' + (100 * item.size / whole).toFixed(1) + '% of the map',
    });
    Object.assign(tile.style, { left: 100 * x / W + '%', top: 100 * y / H + '%', width: 100 * w / W + '%', height: 100 * h / H + '%' });
    if (w > 40 && h > 22) tile.append(el('span', p.name), el('small', onTile[by](p)));
    tiles.append(tile);
  });
  $('map').replaceChildren(tiles);
  $('map').setAttribute('aria-label', 'The packages, each as large as ' + $('measure').selectedOptions[0].text.toLowerCase() + '; the table below says the same');
  const rows = items.slice(0, 12).map(item => {
    const row = el('tr'), name = el('td');
    name.append(link(item.p.last, item.p.name));
    const part = el('td', measures[by](item.p), { class: 'number cost' });
    part.style.setProperty('--part', (100 * item.size / items[0].size).toFixed(1) + '%');
    row.append(name, part);
    return row;
  });
  $('most').replaceChildren(...rows);
}

// Bars one after the other: where on the way a step stands, and how long it is.
function waterfall() {
  const length = Math.max(1, plan.length);
  let at = 0;
  return plan.critical.map(i => {
    const took = plan.timed ? steps[i].time || 0 : 1, li = el('li'), bar = el('span', undefined, { class: 'bar' });
    bar.style.marginLeft = 100 * at / length + '%';
    bar.style.width = 100 * took / length + '%';
    at += took;
    const lane = el('div', undefined, { class: 'lane' });
    lane.append(bar);
    const words = el('div');
    words.append(link(i), ' ', place(i));
    if (steps[i].time !== undefined) words.append(' ', el('span', seconds(steps[i].time), { class: 'muted' }));
    li.append(words, lane);
    return li;
  });
}

function summary() {
  const roots = [...new Set(steps.filter(s => s.root).map(s => s.package + ' ' + s.version))];
  const some = roots.slice(0, 3).join(', ') + (roots.length > 3 ? ' and ' + (roots.length - 3) + ' more' : '');
  $('project').textContent = some || 'Plan';
  document.title = (some || 'Plan') + ': plan';
  const where = platforms.map(p => (p === 'host' ? 'for the build machine: ' : 'for ' + p + ': ') + kinds(steps.filter(s => s.platform === p)));
  $('what').replaceChildren(...where.map(text => el('li', text)));
  $('length').textContent = plan.timed
    ? 'By recorded times: ' + seconds(plan.length) + '. With any number of processors a build takes at least this long.'
    : 'No times were recorded, so each step counts as one: ' + count(plan.length, 'step') + ', one after the other. After `rbn-plan build` times are known.';
  $('critical').replaceChildren(...waterfall());
  if (!plan.timed) $('measure').querySelector('[value=time]').remove();
  $('measure').onchange = map;
  map();
}
