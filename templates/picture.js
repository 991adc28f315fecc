// The picture: what the list shows, laid out anew; zoomed by wheel, buttons and keys, moved by the mouse.

const NS = 'http://www.w3.org/2000/svg';
const H = 18, GAP = 46, ROW = 24, PAD = 20;
// Letters of one width; longer names are cut.
const LETTER = 6.7, LONGEST = 35;
const cut = text => text.length > LONGEST ? text.slice(0, LONGEST - 1) + '…' : text;
// From how many steps on packages are drawn, where the reader leaves it open.
const MANY = 150;
const shape = (name, attrs) => {
  const e = document.createElementNS(NS, name);
  for (const key in attrs) e.setAttribute(key, attrs[key]);
  return e;
};

// The nodes: the shown steps, or their packages; each with the nodes that it needs.
function nodesOf(rows) {
  const wanted = $('group').value, packages = wanted === 'packages' || wanted === '' && rows.length > MANY;
  const keyOf = i => packages ? steps[i].package + ' ' + steps[i].version : i;
  const nodes = new Map();
  rows.forEach(i => {
    const key = keyOf(i), node = nodes.get(key) || { ids: [], label: packages ? key : steps[i].name };
    node.ids.push(i);
    nodes.set(key, node);
  });
  const all = [...nodes.values()], number = new Map([...nodes.keys()].map((key, at) => [key, at]));
  const shown = new Set(rows);
  all.forEach((node, at) => {
    const needs = new Set();
    node.ids.forEach(i => steps[i].needs.forEach(n => { if (shown.has(n)) needs.add(number.get(keyOf(n))); }));
    needs.delete(at);
    node.needs = [...needs];
  });
  return { all, packages };
}

// Columns by the longest way, then each node moves to the middle of its neighbours. Packages may need
// one another in a circle (tests do); the edge that closes it is left out.
function layout(nodes) {
  const state = nodes.map(() => 0), column = nodes.map(() => 0), order = [];
  const visit = start => {
    const stack = [[start, 0]];
    state[start] = 1;
    while (stack.length) {
      const top = stack[stack.length - 1], [at, next] = top, needs = nodes[at].needs;
      if (next < needs.length) {
        top[1]++;
        const on = needs[next];
        if (state[on] === 1) { needs.splice(next, 1); top[1]--; }
        else if (state[on] === 0) { state[on] = 1; stack.push([on, 0]); }
      } else {
        column[at] = needs.reduce((most, on) => Math.max(most, column[on] + 1), 0);
        state[at] = 2; order.push(at); stack.pop();
      }
    }
  };
  nodes.forEach((_, at) => { if (state[at] === 0) visit(at); });
  const users = nodes.map(() => []);
  nodes.forEach((node, at) => node.needs.forEach(on => users[on].push(at)));
  const columns = [];
  nodes.forEach((_, at) => { (columns[column[at]] = columns[column[at]] || []).push(at); });
  const row = [];
  const place = () => columns.forEach(list => list.forEach((at, n) => { row[at] = n - list.length / 2; }));
  place();
  for (let sweep = 0; sweep < 6; sweep++) {
    const near = at => sweep % 2 ? users[at] : nodes[at].needs;
    columns.forEach(list => {
      const middle = new Map(list.map(at => {
        const others = near(at);
        return [at, others.length ? others.reduce((sum, on) => sum + row[on], 0) / others.length : row[at]];
      }));
      list.sort((a, b) => middle.get(a) - middle.get(b) || a - b);
    });
    place();
  }
  const tall = Math.max(1, ...columns.map(list => list.length));
  // A column is as wide as its longest name.
  const widths = columns.map(list => Math.max(...list.map(at => cut(nodes[at].label).length)) * LETTER + 10);
  let right = PAD;
  const lefts = widths.map(wide => { const x = right; right += wide + GAP; return x; });
  nodes.forEach((node, at) => {
    node.x = lefts[column[at]]; node.w = widths[column[at]]; node.y = PAD + (row[at] + tall / 2) * ROW;
  });
  // Edges that follow from others say nothing new.
  const sets = [], wide = nodes.length + 31 >>> 5;
  order.forEach(at => {
    const set = new Uint32Array(wide), needs = nodes[at].needs;
    needs.forEach(on => { for (let w = 0; w < wide; w++) set[w] |= sets[on][w]; });
    nodes[at].drawn = needs.filter(on => !bit(set, on));
    needs.forEach(on => { set[on >>> 5] |= 1 << (on & 31); });
    sets[at] = set;
  });
  return [right - GAP + PAD, PAD * 2 + tall * ROW];
}

const view = { x: 0, y: 0, w: 1, full: [1, 1] };
const ratio = () => $('picture').clientHeight / Math.max(1, $('picture').clientWidth);
const frame = () => $('picture').querySelector('svg').setAttribute('viewBox', [view.x, view.y, view.w, view.w * ratio()].join(' '));
function zoom(by, px, py) {
  const box = $('picture').getBoundingClientRect();
  const fx = px === undefined ? .5 : (px - box.left) / box.width, fy = py === undefined ? .5 : (py - box.top) / box.height;
  const w = Math.min(Math.max(view.w * by, 120), 40 * Math.max(...view.full));
  view.x += (view.w - w) * fx; view.y += (view.w - w) * ratio() * fy;
  view.w = w;
  frame();
}
function fit() {
  const [w, h] = view.full;
  view.w = Math.max(w, h / ratio(), 400);
  view.x = (w - view.w) / 2; view.y = (h - view.w * ratio()) / 2;
  frame();
}

let drawn = '';
// Draws where somebody looks, and only what changed.
function picture() {
  if ($('view-picture').hidden) return;
  const now = rows.slice().sort((a, b) => a - b).join() + $('group').value;
  if (now !== drawn) {
    drawn = now;
    draw();
  }
  mark();
}

function draw() {
  const { all, packages } = nodesOf(rows.slice().sort((a, b) => a - b));
  view.full = layout(all);
  const svg = shape('svg', { role: 'img', 'aria-label': count(all.length, packages ? 'package' : 'step') + ', each right of what it needs; the list names them' });
  const edges = shape('g', { class: 'edges' });
  all.forEach((node, at) => node.drawn.forEach(on => {
    const from = all[on], x1 = from.x + from.w, y1 = from.y + H / 2, y2 = node.y + H / 2, bend = (node.x - x1) / 2;
    edges.append(shape('path', { 'data-from': at, 'data-to': on, d: `M${x1} ${y1}C${x1 + bend} ${y1} ${node.x - bend} ${y2} ${node.x} ${y2}` }));
  }));
  svg.append(edges);
  all.forEach((node, at) => {
    const i = node.ids[node.ids.length - 1], s = steps[i];
    const host = node.ids.every(id => steps[id].platform === 'host');
    const kind = packages ? '' : s.kind === 'build script' || s.kind === 'run of a build script' ? ' script'
      : s.kind === 'procedural macro' ? ' macro' : s.kind === 'library' ? '' : ' program';
    const way = node.ids.some(id => critical.has(id)) ? ' critical' : '';
    const g = shape('g', { class: 'step' + (host ? ' host' : ' target') + kind + way, 'data-step': i, 'data-node': at });
    const title = shape('title', {}), text = shape('text', { x: node.x + 5, y: node.y + 13 });
    title.textContent = node.label + ' (' + (packages ? count(node.ids.length, 'step') : s.platform) + ')';
    text.textContent = cut(node.label);
    g.append(title, shape('rect', { x: node.x, y: node.y, width: node.w, height: H, rx: 2 }), text);
    svg.append(g);
  });
  $('picture').replaceChildren(svg);
  $('drawn').textContent = count(all.length, packages ? 'package' : 'step');
  $('picture').nodes = all;
  fit();
  // Small letters say nothing: then the end of the plan is looked at, where programs are.
  if ($('picture').clientWidth / view.w < .6) {
    view.w = $('picture').clientWidth / .8;
    view.x = view.full[0] - view.w; view.y = (view.full[1] - view.w * ratio()) / 2;
    frame();
  }
}

// What the chosen step needs, and what needs it.
function mark() {
  const set = new Uint32Array(words32);
  if (here !== null) { unite(set, above[here]); unite(set, below[here]); }
  const nodes = $('picture').nodes || [], on = nodes.map(node => here !== null && node.ids.some(i => bit(set, i)));
  $('picture').classList.toggle('some', on.some(is => is));
  $('picture').querySelectorAll('.step').forEach(g => {
    const at = +g.dataset.node;
    g.classList.toggle('on', !!on[at]);
    g.classList.toggle('here', nodes[at].ids.includes(here));
  });
  $('picture').querySelectorAll('.edges path').forEach(p => p.classList.toggle('on', !!(on[+p.dataset.from] && on[+p.dataset.to])));
  const node = nodes.find(one => one.ids.includes(here));
  const within = one => one.x >= view.x && one.x + one.w <= view.x + view.w && one.y >= view.y && one.y + H <= view.y + view.w * ratio();
  if (node && !within(node)) {
    view.x = node.x + node.w / 2 - view.w / 2; view.y = node.y + H / 2 - view.w * ratio() / 2;
    frame();
  }
}

function moves() {
  const box = $('picture');
  let held = null, moved = false;
  box.addEventListener('wheel', e => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.2 : 1 / 1.2, e.clientX, e.clientY); }, { passive: false });
  box.addEventListener('pointerdown', e => { if (e.button === 0) { held = [e.clientX, e.clientY]; moved = false; } });
  window.addEventListener('pointermove', e => {
    if (!held) return;
    const scale = view.w / box.clientWidth, dx = e.clientX - held[0], dy = e.clientY - held[1];
    if (!moved && Math.abs(dx) + Math.abs(dy) < 4) return;
    moved = true;
    view.x -= dx * scale; view.y -= dy * scale;
    held = [e.clientX, e.clientY];
    frame();
  });
  window.addEventListener('pointerup', () => { held = null; });
  box.addEventListener('click', e => {
    const g = e.target.closest('[data-step]');
    if (g && !moved) location.hash = address(+g.dataset.step);
  });
  box.addEventListener('keydown', e => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (by) { view.x += by[0] * view.w / 10; view.y += by[1] * view.w / 10; frame(); }
    else if (e.key === '+' || e.key === '=') zoom(1 / 1.3);
    else if (e.key === '-') zoom(1.3);
    else if (e.key === '0') fit();
    else return;
    e.preventDefault();
  });
  $('closer').onclick = () => zoom(1 / 1.4);
  $('farther').onclick = () => zoom(1.4);
  $('whole').onclick = fit;
  $('group').onchange = picture;
  window.addEventListener('resize', () => { if (!$('view-picture').hidden && box.nodes) frame(); });
}
