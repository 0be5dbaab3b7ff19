// All that the page can reach. A sandboxed preload script is CommonJS and has no other module than Electron's.
const { contextBridge, ipcRenderer } = require('electron');

/** @type {import('./messages.js').Bridge} */
const bridge = {
	chooseModel: () => ipcRenderer.invoke('choose-model'),
	send: (text) => ipcRenderer.send('send', text),
	abort: () => ipcRenderer.send('abort'),
	onEvent: (listener) => {
		ipcRenderer.on('event', (_event, message) => listener(message));
	},
};

contextBridge.exposeInMainWorld('reprise', bridge);
