// process.parentPort of a utility process, over the channel of child_process.fork. Messages wait for a handler.
import { EventEmitter } from 'node:events';

const port = new EventEmitter();
port.postMessage = (message) => process.send(message);
port.on('newListener', (event) => {
	if (event === 'message' && port.listenerCount('message') === 0)
		process.on('message', (data) => port.emit('message', { data, ports: [] }));
});
process.parentPort = port;
