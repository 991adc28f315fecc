'use strict';
const plan = JSON.parse(document.getElementById('data').textContent);
const steps = plan.steps;
const $ = id => document.getElementById(id);
const el = (name, text, attrs) => {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  for (const key in attrs || {}) e.setAttribute(key, attrs[key]);
  return e;
};
const count = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');
const seconds = ms => {
  const whole = Math.round(ms / 1000);
  return ms < 99950 ? (ms / 1000).toFixed(1) + ' s' : Math.floor(whole / 60) + ' min ' + whole % 60 + ' s';
};
const byText = (a, b) => a < b ? -1 : a > b ? 1 : 0;

// The graph. What a step reaches is a set of bits: a thousand steps cost a few milliseconds.
const neededBy = steps.map(() => []);
steps.forEach((s, i) => s.needs.forEach(n => neededBy[n].push(i)));
const order = (() => {
  const left = steps.map(s => s.needs.length), ready = [], done = [];
  left.forEach((n, i) => { if (n === 0) ready.push(i); });
  while (ready.length) {
    const i = ready.pop();
    done.push(i);
    neededBy[i].forEach(d => { if (--left[d] === 0) ready.push(d); });
  }
  return done;
})();
const words32 = steps.length + 31 >>> 5;
const bit = (set, i) => set[i >>> 5] >>> (i & 31) & 1;
const size = set => {
  let sum = 0;
  for (let word of set) for (; word; word &= word - 1) sum++;
  return sum;
};
const unite = (into, set) => { for (let w = 0; w < words32; w++) into[w] |= set[w]; };
const closure = (sequence, next) => {
  const sets = new Array(steps.length);
  for (const i of sequence) {
    const set = new Uint32Array(words32);
    set[i >>> 5] |= 1 << (i & 31);
    next(i).forEach(n => unite(set, sets[n]));
    sets[i] = set;
  }
  return sets;
};
const below = closure(order, i => steps[i].needs);
const above = closure([...order].reverse(), i => neededBy[i]);
const cost = above.map(size);
const critical = new Set(plan.critical);

// Short names of platforms: the architecture, where that tells them apart.
const platforms = [...new Set(steps.map(s => s.platform))].sort((a, b) => (a !== 'host') - (b !== 'host') || byText(a, b));
const arch = p => p.split('-')[0];
const short = p => platforms.filter(o => arch(o) === arch(p)).length === 1 ? arch(p) : p;
const texts = steps.map(s => [s.name, s.package, s.platform, ...s.features].join(' ').toLowerCase());

let only = null, onlyWhat = '', here = null, sort = 'name', rows = [];

const address = i => '#' + encodeURIComponent(steps[i].platform + '/' + steps[i].name);
const link = (i, text) => el('a', text || steps[i].name, { class: 'step', href: address(i), 'data-i': i });
const place = i => el('span', short(steps[i].platform), { class: 'place ' + (steps[i].platform === 'host' ? 'host' : ''), title: steps[i].platform });
const costCell = (n, total) => {
  const cell = el('td', n, { class: 'number cost' });
  cell.style.setProperty('--part', (100 * n / total).toFixed(1) + '%');
  return cell;
};

function matching() {
  const wanted = $('search').value.trim().toLowerCase().split(/\s+/).filter(w => w);
  const platform = $('platform').value, kind = $('kind').value, pkg = $('package').value;
  return steps.map((_, i) => i).filter(i => {
    const s = steps[i];
    return (!only || bit(only, i)) && (!platform || s.platform === platform) && (!kind || s.kind === kind)
      && (!pkg || s.package === pkg) && wanted.every(w => texts[i].includes(w));
  });
}

function list() {
  rows = matching();
  if (sort === 'cost') rows.sort((a, b) => cost[b] - cost[a] || a - b);
  if (sort === 'time') rows.sort((a, b) => (steps[b].time || 0) - (steps[a].time || 0) || a - b);
  const all = document.createDocumentFragment();
  for (const i of rows) {
    const row = el('tr', undefined, i === here ? { class: 'chosen' } : {});
    const name = el('td'), where = el('td');
    name.append(link(i)); where.append(place(i));
    row.append(name, where, costCell(cost[i], steps.length));
    if (plan.timed) row.append(el('td', steps[i].time === undefined ? '' : seconds(steps[i].time), { class: 'number' }));
    all.append(row);
  }
  $('list').replaceChildren(all);
  $('found').textContent = count(rows.length, 'step') + (only ? ' of ' + onlyWhat : '');
  document.querySelectorAll('#steps [data-sort]').forEach(b => sorted(b, sort));
}

function sorted(button, by) {
  const head = button.closest('th');
  if (button.dataset.sort === by) head.setAttribute('aria-sort', by === 'name' ? 'ascending' : 'descending');
  else head.removeAttribute('aria-sort');
}

function restrict(set, what) {
  only = set; onlyWhat = what;
  $('search').value = '';
  for (const id of ['platform', 'kind', 'package']) $(id).value = '';
  list(); paint();
}

function show(i) {
  here = i;
  const s = steps[i], box = $('view-step');
  box.replaceChildren(el('h2', s.name));
  const facts = el('dl');
  const fact = (name, value) => { if (value !== '') facts.append(el('dt', name), el('dd', value)); };
  fact('platform', s.platform);
  fact('package', s.package + ' ' + s.version);
  fact('kind', s.kind + (s.root ? ', asked for' : ''));
  fact('profile', s.profile);
  fact('features', s.features.join(', '));
  if (s.time !== undefined) fact('time', seconds(s.time));
  fact('touching it', 'rebuilds ' + cost[i] + ' of ' + count(steps.length, 'step'));
  fact('path', critical.has(i) ? 'on the critical path' : '');
  box.append(facts);
  const buttons = el('p');
  const button = (text, set, what) => {
    const b = el('button', text + ' (' + (size(set) - 1) + ')', { type: 'button' });
    b.onclick = () => restrict(set, what);
    buttons.append(b, ' ');
  };
  button('Only what it needs', below[i], 'what ' + s.name + ' needs');
  button('Only what needs it', above[i], 'what needs ' + s.name);
  const draw = el('button', 'In the picture', { type: 'button' });
  draw.onclick = () => tab('picture');
  buttons.append(draw);
  box.append(buttons);
  const names = (title, ids) => {
    if (!ids.length) return;
    box.append(el('h3', title + ' (' + ids.length + ')'));
    const ul = el('ul', undefined, { class: ids.length > 8 ? 'columns' : '' });
    ids.forEach(n => { const li = el('li'); li.append(link(n), ' ', place(n)); ul.append(li); });
    box.append(ul);
  };
  names('Needs directly', s.needs);
  names('Needed directly by', neededBy[i]);
  box.scrollTop = 0;
  list(); paint();
  const row = document.querySelector('tr.chosen');
  if (row) row.scrollIntoView({ block: 'nearest' });
  if ($('view-step').hidden && $('view-picture').hidden) tab('step');
  // Where the list stands above the step, it is the step that is wanted.
  if (matchMedia('(max-width: 50rem)').matches) document.querySelector('nav').scrollIntoView();
}

// The picture shows the step with all that it needs and all that needs it, or what was filtered.
function paint() {
  const set = only ? only.slice() : new Uint32Array(words32);
  if (!only && here !== null) { unite(set, above[here]); unite(set, below[here]); }
  const some = only || here !== null;
  $('picture').classList.toggle('some', !!some);
  const on = i => some && bit(set, i);
  document.querySelectorAll('#picture .step').forEach(g => {
    const i = +g.dataset.step;
    g.classList.toggle('on', !!on(i));
    g.classList.toggle('here', i === here);
  });
  document.querySelectorAll('#picture .edges path').forEach(p =>
    p.classList.toggle('on', !!(on(+p.dataset.from) && on(+p.dataset.to))));
  centre();
}

function centre() {
  const mark = here !== null && document.querySelector('#picture [data-step="' + here + '"]');
  if (!mark || $('view-picture').hidden) return;
  const frame = $('picture'), svg = frame.querySelector('svg'), box = mark.querySelector('rect');
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  frame.scrollLeft = (box.x.baseVal.value + 110) * scale - frame.clientWidth / 2;
  frame.scrollTop = box.y.baseVal.value * scale - frame.clientHeight / 2;
}

function packages(by) {
  const all = new Map();
  steps.forEach((s, i) => {
    const key = s.package + ' ' + s.version;
    const p = all.get(key) || { name: key, ids: [], time: 0, set: new Uint32Array(words32) };
    p.ids.push(i); p.time += s.time || 0; unite(p.set, above[i]);
    all.set(key, p);
  });
  const totals = [...all.values()].map(p => ({ ...p, steps: p.ids.length, cost: size(p.set) }));
  totals.sort((a, b) => by === 'name' ? byText(a.name, b.name) : b[by] - a[by] || byText(a.name, b.name));
  $('packages').replaceChildren(...totals.map(p => {
    const row = el('tr'), name = el('td');
    name.append(link(p.ids[p.ids.length - 1], p.name));
    row.append(name, el('td', p.steps, { class: 'number' }), costCell(p.cost, steps.length));
    if (plan.timed) row.append(el('td', seconds(p.time), { class: 'number' }));
    return row;
  }));
  document.querySelectorAll('#view-packages [data-sort]').forEach(b => sorted(b, by));
}

function tab(name) {
  document.querySelectorAll('[role=tab]').forEach(t => {
    const on = t.id === 'tab-' + name;
    t.setAttribute('aria-selected', on);
    t.tabIndex = on ? 0 : -1;
    $(t.getAttribute('aria-controls')).hidden = !on;
  });
  if (name === 'picture') centre();
  if (name === 'packages') allPackages();
}

// A table that nobody looks at costs nothing.
function allPackages() {
  if (!$('packages').hasChildNodes()) packages('cost');
}

function fromAddress() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const i = steps.findIndex(s => s.platform + '/' + s.name === wanted);
  if (i >= 0) show(i);
}

// What stands on the page once.
const fill = (id, values) => [...new Set(values)].sort().forEach(v => $(id).append(el('option', v)));
fill('platform', platforms);
fill('kind', steps.map(s => s.kind));
fill('package', steps.map(s => s.package));
const per = platforms.map(p => short(p) + ' ' + steps.filter(s => s.platform === p).length);
$('totals').textContent = count(steps.length, 'step') + ' (' + per.join(', ') + ') of '
  + count(new Set(steps.map(s => s.package + ' ' + s.version)).size, 'package');
$('selection').textContent = plan.selection;
$('length').textContent = plan.timed
  ? 'By recorded times: ' + seconds(plan.length) + '. With any number of cores a build takes at least this long.'
  : 'No times were recorded, so each step counts as one: ' + count(plan.length, 'step') + ', one after the other.';
$('critical').replaceChildren(...plan.critical.map(i => {
  const li = el('li');
  li.append(link(i), ' ', place(i));
  if (steps[i].time !== undefined) li.append(' ', el('span', seconds(steps[i].time), { class: 'muted' }));
  return li;
}));
if (!plan.timed) document.querySelectorAll('.timed').forEach(e => e.remove());

// What a reader does.
document.querySelectorAll('#steps [data-sort]').forEach(b => b.onclick = () => { sort = b.dataset.sort; list(); });
document.querySelectorAll('#view-packages [data-sort]').forEach(b => b.onclick = () => packages(b.dataset.sort));
const tabs = [...document.querySelectorAll('[role=tab]')];
tabs.forEach((t, at) => {
  t.onclick = () => tab(t.id.slice(4));
  t.onkeydown = e => {
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    const next = tabs[(at + by + tabs.length) % tabs.length];
    next.focus(); next.click();
  };
});
$('whole').onclick = () => {
  const on = $('picture').classList.toggle('whole');
  $('whole').setAttribute('aria-pressed', on);
  centre();
};
$('filter').addEventListener('input', list);
$('filter').addEventListener('submit', e => {
  e.preventDefault();
  if (rows.length) location.hash = address(rows[0]);
});
$('filter').addEventListener('reset', () => { only = null; here = null; paint(); setTimeout(list); });
document.addEventListener('click', e => {
  const g = e.target.closest('#picture [data-step]');
  if (g) location.hash = address(+g.dataset.step);
});
document.addEventListener('keydown', e => {
  const writing = /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  if (e.key === '/' && !writing) { e.preventDefault(); $('search').focus(); $('search').select(); }
  if (e.key === 'Escape') { $('filter').reset(); $('search').focus(); }
  const inList = document.activeElement.closest('#list') || document.activeElement === $('search');
  if (inList && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
    e.preventDefault();
    const links = [...document.querySelectorAll('#list a')];
    const at = links.indexOf(document.activeElement) + (e.key === 'ArrowDown' ? 1 : -1);
    (links[at] || $('search')).focus();
  }
});
window.addEventListener('hashchange', fromAddress);
window.addEventListener('beforeprint', allPackages);
critical.forEach(i => document.querySelector('#picture [data-step="' + i + '"]').classList.add('critical'));
list();
fromAddress();
