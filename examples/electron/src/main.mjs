// The app: one window, and the process that holds the model. It only passes messages from one to the other.
import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain } from 'electron';
import { ModelProcess } from './model-process.mjs';

const beside = (/** @type {string[]} */ ...names) => join(import.meta.dirname, ...names);

app.whenReady().then(() => {
	const window = new BrowserWindow({
		width: 820,
		height: 680,
		webPreferences: {
			preload: beside('preload.cjs'),
			contextIsolation: true,
			sandbox: true,
			nodeIntegration: false,
		},
	});
	const { webContents } = window;
	webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
	webContents.on('will-navigate', (event) => event.preventDefault());
	webContents.session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));

	const model = new ModelProcess((event) => {
		if (!window.isDestroyed()) webContents.send('event', event);
	});
	ipcMain.handle('choose-model', async () => {
		const { filePaths } = await dialog.showOpenDialog(window, {
			properties: ['openFile'],
			filters: [{ name: 'GGUF models', extensions: ['gguf'] }],
		});
		if (filePaths[0] !== undefined) model.load(filePaths[0]);
	});
	// What a page sends is anything, if somebody has taken it over.
	ipcMain.on('send', (_event, text) => {
		if (typeof text === 'string') model.send(text);
	});
	ipcMain.on('abort', () => model.abort());
	app.on('will-quit', () => model.stop());

	window.loadFile(beside('page', 'index.html'));
});

app.on('window-all-closed', () => app.quit());
