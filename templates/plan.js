// The list, the views, and what a reader does.

let only = null, onlyWhat = '', here = null, sort = 'name', rows = [];

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
  if (sort === 'name') rows.sort((a, b) => byText(steps[a].package, steps[b].package) || byText(steps[a].version, steps[b].version) || depth[a] - depth[b] || a - b);
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
  picture();
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
  list();
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
  list();
  const row = document.querySelector('tr.chosen');
  if (row) row.scrollIntoView({ block: 'nearest' });
  if ($('view-step').hidden && $('view-picture').hidden) tab('step');
  // Where the list stands above the step, it is the step that is wanted.
  if (matchMedia('(max-width: 50rem)').matches) document.querySelector('nav').scrollIntoView();
}

function packages(by) {
  totals.sort((a, b) => by === 'name' ? byText(a.name, b.name) : b[by] - a[by] || byText(a.name, b.name));
  $('packages').replaceChildren(...totals.map(p => {
    const row = el('tr'), name = el('td');
    name.append(link(p.last, p.name));
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
  if (name === 'picture') picture();
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
summary();
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
moves();
$('filter').addEventListener('input', list);
$('filter').addEventListener('submit', e => {
  e.preventDefault();
  if (rows.length) location.hash = address(rows[0]);
});
$('filter').addEventListener('reset', () => {
  only = null; here = null;
  // Else a click on the same step would be no change of the address.
  history.replaceState(null, '', '#');
  setTimeout(list);
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
list();
fromAddress();
