// The live queue, kept up to date. The page is complete without this file: it patches the rows that the server has
// rendered, from the page's own templates, with what comes over /ws. Text is only ever set as text.
//
// A frame is the whole state or a delta (web/live/wire.go says how a delta is applied). Seconds in a frame count from its
// "at", on the station's clock; the first frame, hello, says what that clock shows now.

import { distance, tell } from './marquee.js';

const ROWS = 200; // as many as the server renders
const RETRY_MIN = 500, RETRY_MAX = 30_000; // milliseconds
const ART = ['bread', 'cat', 'chess', 'clock', 'engine', 'ferry', 'garden', 'mail', 'mask', 'mobile', 'moon', 'phone',
  'road', 'souls', 'synth', 'umbrella', 'wheel'];
const KINDS = { channel_identity: 'id', event: 'event', mod_shoutout: 'shout', feature_presentation: 'feature', viewers_choice: 'choice' };
const NUMBERS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

const ENDED = 'session ended'; // in the tab's memory, over a reload

const $ = (selector, within = document) => within.querySelector(selector);
const assets = document.body.dataset.assets;
const me = document.body.dataset.me; // the key of who is logged in
const list = $('[data-order]');

let skew = 0; // what the station's clock is ahead of ours, milliseconds
let model = null;
let rows = new Map(); // key -> { node, sign }

const stationNow = () => Date.now() + skew;

// ---- the model

function take(frame) {
  const at = Date.parse(frame.at);
  if (frame.type === 'state') {
    model = { revision: frame.revision, order: [], items: new Map() };
    for (const item of frame.items) {
      model.order.push(item.entry_id);
      model.items.set(item.entry_id, known(item, at));
    }
    setParts(frame, at);
    return true;
  }
  if (!model || frame.from !== model.revision) return false;
  apply(frame, at);
  model.revision = frame.revision;
  return true;
}

function apply(delta, at) {
  const gone = new Set(delta.removed);
  const put = new Map((delta.put ?? []).map((p) => [p.item.entry_id, p]));
  let order = model.order.filter((id) => !gone.has(id) && !put.has(id));
  for (const id of gone) model.items.delete(id);
  order = placed(order, delta.put ?? []);
  for (const { item } of put.values()) model.items.set(item.entry_id, known(item, at));
  model.order = order;
  let seconds = 0;
  const shifts = new Map((delta.shifts ?? []).map((s) => [s.from, s.seconds]));
  for (const id of order) {
    if (put.has(id)) continue;
    if (shifts.has(id)) seconds = shifts.get(id);
    const item = model.items.get(id);
    if (item.starts !== null) item.starts += seconds * 1000;
  }
  setParts(delta, at);
}

// placed puts entries behind those that they follow; puts come front to back.
function placed(order, puts) {
  const behind = new Map();
  const out = [];
  for (const p of puts) behind.set(p.after, p.item.entry_id);
  const follow = (id) => {
    for (let next = behind.get(id); next !== undefined; next = behind.get(next)) out.push(next);
  };
  follow(null);
  for (const id of order) {
    out.push(id);
    follow(id);
  }
  return out;
}

function known(item, at) {
  return { ...item, starts: item.eta_seconds === null ? null : at + item.eta_seconds * 1000 };
}

function setParts(frame, at) {
  for (const part of ['planned', 'health', 'seen_at', 'notice', 'locked', 'next_event', 'watching', 'overhead_seconds']) {
    if (frame[part] !== undefined) model[part] = frame[part];
  }
  if (frame.now_playing !== undefined) {
    model.now = frame.now_playing && { ...frame.now_playing, zero: at - (frame.now_playing.played_seconds * 1000) / frame.now_playing.rate };
  }
}

// ---- words, as web/pages/words.go has them

const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const clock = (ms) => hours.format(ms);
const two = (n) => String(n).padStart(2, '0');
const coins = (n) => (n === 1 ? '1 coin' : n.toLocaleString('en-US') + ' coins');
const plural = (n, noun) => (n === 1 ? `1 ${noun}` : `${n} ${noun}s`);

function length(seconds) {
  const minutes = Math.floor((seconds + 30) / 60);
  if (seconds <= 0) return 'live';
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

function counter(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 3600) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return `${Math.floor(s / 60)}:${two(s % 60)}`;
}

// art is the picture of a title, or the drawing that the server picks: FNV-1a over type and id.
function art({ art: picture, media }) {
  if (picture) return picture;
  let h = 0x811c9dc5;
  for (const b of new TextEncoder().encode(`${media.type}:${media.id}`)) h = Math.imul(h ^ b, 0x01000193) >>> 0;
  return `${assets}art/${ART[h % ART.length]}.svg`;
}

// ---- the running order

const isPromo = (item) => item.role === 'general' || item.role === 'lead_in';
const isOnAir = (id) => model.now !== null && model.now.entry_id === id;

// lines lists what the page shows behind the entry on the air: blocks of promos with the title they stand before.
function lines() {
  const out = [];
  let block = [];
  const close = () => {
    if (block.length === 0) return;
    const last = block.at(-1);
    const planned = model.planned.filter((p) => block.some((item) => item.entry_id === p.before));
    const first = out.length;
    for (const p of planned) out.push({ key: `planned ${p.promo_type} ${p.before}`, promo: true, planned: true, item: p });
    const title = last.starts && clock(last.starts);
    let above = '';
    for (const item of block) {
      const time = item.starts && clock(item.starts);
      const shows = item === last || (time !== title && time !== above);
      above = time;
      out.push({ key: `entry ${item.entry_id}`, promo: isPromo(item), planned: false, item, shows });
    }
    out[first].opens = true;
    block = [];
  };
  for (const id of model.order) {
    if (isOnAir(id)) continue;
    if (out.length >= ROWS) break;
    const item = model.items.get(id);
    block.push(item);
    if (!isPromo(item)) close();
  }
  close();
  return out;
}

function badge(promoType, word, planned) {
  const kind = KINDS[promoType];
  const from = $(kind ? `.k-${kind}` : '.badge', $('#badges').content);
  const node = from.cloneNode(true);
  node.classList.toggle('planned', planned);
  $('span', node).textContent = word ?? '';
  return node;
}

function element(name, text) {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}

function tagOf(item) {
  if (item.leaving) return item.role === 'paid' ? 'Being refunded' : 'Being taken off';
  const event = Date.parse(model.locked?.starts_at);
  return item.role === 'paid' && item.starts >= event ? `Refunded at ${clock(event)}` : '';
}

const isMine = (item) => Boolean(me) && Boolean(item.paid_by) && item.paid_by.toLowerCase() === me;

// sign is what a row shows beside its times: when it stays the same the row stays the same.
function sign(line) {
  const i = line.item;
  return JSON.stringify([line.promo, i.title, i.duration_seconds, i.promo_type, i.badge, i.paid_by, i.price, i.added_by, i.role, i.media, tagOf(i)]);
}

function make(line) {
  const item = line.item;
  const node = $(line.promo ? '#promo-row' : '#title-row').content.firstElementChild.cloneNode(true);
  if (line.promo) {
    $('.badge', node).replaceWith(badge(item.promo_type, item.badge, line.planned));
    if (item.title) $('.clip', node).textContent = item.title;
    else $('.clip', node).remove();
    $('.len', node).textContent = line.planned ? 'planned' : counter(item.duration_seconds);
  } else {
    $('h3', node).textContent = item.title;
    const about = $('.meta span', node);
    about.replaceChildren(length(item.duration_seconds), ...why(item, ', ', (word) => word));
    $('.thumb', node).src = art(item);
  }
  node.classList.toggle('planned', line.planned);
  node.classList.toggle('paid', !line.promo && item.role === 'paid');
  if (!line.planned) node.dataset.entry = item.entry_id;
  if (isMine(item)) {
    node.classList.add('mine');
    $('.meta', node).append(' ', ...document.importNode($('#mine').content, true).childNodes);
  }
  if (tagOf(item)) {
    const tag = element('span', tagOf(item));
    tag.className = 'tag';
    $(line.promo ? '.what' : '.meta', node).append(' ', tag);
  }
  return node;
}

// why says in nodes how an entry came here.
function why(item, before, first) {
  if (item.paid_by) {
    const price = item.price ? [' ', element('i', 'for'), ' ' + coins(item.price)] : [];
    return [before, element('i', first('paid by')), ' ', element('b', item.paid_by), ...price];
  }
  if (item.role === 'event') return [before, element('i', first('part of the event'))];
  if (item.added_by) return [before, element('i', first('added by')), ' ', element('b', item.added_by)];
  return [];
}

// times sets what changes by itself.
function times(line, node) {
  node.classList.toggle('opens', Boolean(line.opens));
  const when = $('.when', node);
  const starts = line.planned ? null : line.item.starts;
  if (line.promo) {
    const time = $('time', when) ?? when.appendChild(document.createElement('time'));
    time.hidden = !starts;
    time.classList.toggle('sr', !line.shows);
    if (starts) setTime(time, starts);
    return;
  }
  const none = line.item.uid === null ? 'being added' : 'time not known';
  when.classList.toggle('none', !starts);
  if (!starts) {
    if (when.textContent !== none) when.textContent = none;
    return;
  }
  if (!$('time', when)) {
    const distant = element('span', '');
    distant.className = 'in';
    when.replaceChildren(document.createElement('time'), distant);
  }
  setTime($('time', when), starts);
  setText($('.in', when), model.seen_at ? '' : distance(starts - stationNow()));
}

function setTime(node, ms) {
  setText(node, clock(ms));
  const iso = new Date(ms).toISOString();
  if (node.dateTime !== iso) node.dateTime = iso;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function renderOrder(fresh) {
  const wanted = lines();
  const next = new Map();
  wanted.forEach((line, i) => {
    const s = sign(line);
    let row = rows.get(line.key);
    if (!row || row.sign !== s) {
      const node = make(line);
      if (!fresh) node.classList.add('changed');
      row = { node, sign: s };
    }
    times(line, row.node);
    next.set(line.key, row);
    if (list.children[i] !== row.node) list.insertBefore(row.node, list.children[i] ?? null);
  });
  while (list.children.length > wanted.length) list.lastElementChild.remove();
  rows = next;
  const behind = model.order.filter((id) => !isOnAir(id));
  const shown = wanted.filter((line) => !line.planned).length;
  $('[data-empty]').hidden = behind.length > 0;
  const curtain = $('[data-curtain]');
  curtain.hidden = behind.length === 0;
  setText(curtain, shown < behind.length ? `${behind.length - shown} more follow.` : 'After the last title the list starts again from the top.');
  setText($('[data-summary]'), summary(behind.map((id) => model.items.get(id))));
}

// tellPurse keeps the balance right: it moves when titles of the visitor's come and go.
let own = null; // their entries, as last seen
function tellPurse() {
  const now = model.order.filter((id) => isMine(model.items.get(id))).join();
  const before = own;
  own = now;
  if (!me || before === null || before === now) return;
  fetch('/api/v1/me', { headers: { Accept: 'application/json' } }).then((answer) => answer.json()).then((said) => {
    if (said.balance !== undefined) setText($('.purse [data-balance]'), coins(said.balance));
  }).catch(() => {}); // the host is away: the socket asks again
}

function summary(items) {
  const titles = items.filter((item) => !isPromo(item));
  if (model.order.length === 0) return 'Nothing is on the list.';
  if (titles.length === 0) return 'Nothing comes after this.';
  let text = plural(titles.length, 'title');
  const last = titles.findLast((item) => item.uid !== null);
  if (last?.starts && last.duration_seconds && model.now && items.length < ROWS) {
    text += ` until ${clock(last.starts + (last.duration_seconds * 1000) / model.now.rate)}`;
  }
  const paid = titles.filter((item) => item.role === 'paid').length;
  if (paid === titles.length) text += paid > 1 ? ', all of them paid for' : ', paid for';
  else if (paid > 0) text += `, ${NUMBERS[paid] ?? paid} of them paid for`;
  return text + '.';
}

// ---- the house, the banners

function renderHouse() {
  const now = model.now;
  $('[data-art]').src = now && !isPromo(now) ? art(model.items.get(now.entry_id) ?? now) : `${assets}art/none.svg`;
  const good = model.health === 'good';
  $('.lamp').hidden = !now || !good;
  setText($('[data-tally]'), !now ? 'Between titles' : good ? 'On screen now' : 'On screen when we last saw it');
  setText($('#now-title'), now ? now.title : 'Nothing is on.');
  const credit = [];
  if (now && isPromo(now)) credit.push(badge(now.promo_type, now.badge, false));
  else if (now) credit.push(...why(now, '', (word) => word[0].toUpperCase() + word.slice(1)));
  if (credit.length > 0 && !isPromo(now)) credit.push('.');
  if (model.watching) credit.push(' ', element('b', String(model.watching)), ' in the room.');
  $('[data-credit]').replaceChildren(...credit);
  $('.now-strip').hidden = !now || now.duration_seconds <= 0;
  if (!now) return;
  const bar = $('progress');
  bar.max = Math.max(now.duration_seconds, 1);
  bar.setAttribute('aria-label', `${now.title}, played so far`);
  setText($('.strip-title'), now.title);
  setText($('[data-of]'), counter(now.duration_seconds));
}

function renderBanners() {
  $('[data-open]').hidden = Boolean(model.locked);
  $('[data-shut]').hidden = !model.locked;
  $('[data-notice]').hidden = !model.notice;
  if (model.notice) {
    const heads = { channel_down: 'We lost the room.', starting: 'The house is not open yet.' };
    setText($('[data-notice-head]'), heads[model.notice.code] ?? 'Requests are paused.');
    setText($('[data-notice-text]'), model.notice.message);
  }
}

function tick() {
  tellTime();
  if (!model) return;
  const now = model.now;
  if (now && now.duration_seconds > 0) {
    const at = model.seen_at ? Date.parse(model.seen_at) : stationNow(); // what nobody sees does not move
    const played = Math.min(Math.max(((at - now.zero) * now.rate) / 1000, 0), now.duration_seconds);
    $('progress').value = played;
    setText($('[data-played]'), counter(played));
    setText($('[data-left]'), counter((now.duration_seconds - played) / now.rate));
  }
  tell(model, stationNow());
  for (const line of lines()) {
    const row = rows.get(line.key);
    if (row) times(line, row.node);
  }
}

// tellTime shows the viewer's time, and the station's beside it where that is another.
function tellTime() {
  const header = $('.clock');
  const { zone, place } = header.dataset;
  const mine = clock(stationNow());
  let station = mine;
  try {
    station = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone }).format(stationNow());
  } catch { /* a zone that this browser does not know: its own time alone is shown */ }
  const same = station === mine;
  setText($('b', header), mine);
  setText($('small', header), same ? `station time, ${place}` : `${station} station, ${place}`);
  setText($('[data-times]'), same ? `Times are the station’s, ${place}.` : `Times are yours. At the station, ${place}, it is ${station}.`);
}

// ---- the wire

const wire = $('[data-wire]');
let tries = 0;
let seen = Date.now(); // when what is on the page was last known to be so

function say(text, lost) {
  wire.classList.toggle('lost', lost);
  setText(wire, text);
}

// sayLive is for a page that is connected: it knows what the station knows, which may be old.
function sayLive() {
  if (model?.seen_at) say(`Last seen ${clock(Date.parse(model.seen_at))}`, true);
  else say('Live', false);
}

function connect() {
  const address = new URL('/ws', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (model) address.searchParams.set('since', model.revision);
  const socket = new WebSocket(address);
  let live = false;
  socket.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    if (frame.type === 'hello') {
      tries = 0;
      live = true;
      skew = Date.parse(frame.at) - Date.now();
      sayLive();
      return;
    }
    const fresh = model === null;
    if (!take(frame)) { // something is missing: begin again with everything
      model = null;
      socket.close();
      return;
    }
    renderOrder(fresh);
    renderHouse();
    renderBanners();
    sayLive();
    tellPurse();
    tick();
  };
  socket.onclose = (event) => {
    if (event.code === 4001) { // the session is over: the page is reloaded as anybody's
      sessionStorage.setItem(ENDED, 'yes');
      return location.reload();
    }
    if (live) seen = stationNow();
    say(`Reconnecting. What you see is from ${clock(seen)}.`, true);
    const wait = Math.min(RETRY_MIN * 2 ** tries++, RETRY_MAX);
    setTimeout(connect, wait * (0.5 + Math.random()));
  };
}

// tellEnded says why the page is nobody's any more.
function tellEnded() {
  if (!sessionStorage.getItem(ENDED)) return;
  sessionStorage.removeItem(ENDED);
  if (me) return;
  const box = element('div', '');
  box.className = 'toast';
  box.setAttribute('role', 'status');
  const link = element('a', 'Log in');
  link.className = 'btn slim';
  link.href = '/login?next=/queue';
  box.append(element('span', 'You are logged out here: this session was ended.'), link);
  document.body.append(box);
}

tellEnded();
for (const node of document.querySelectorAll('time[datetime]')) {
  const ms = Date.parse(node.dateTime);
  if (!Number.isNaN(ms)) setText(node, clock(ms));
}
tellTime();
setInterval(tick, 1000);
new IntersectionObserver(([title]) => $('[data-stage]').classList.toggle('stuck', !title.isIntersecting)).observe($('#now-title'));
connect();
