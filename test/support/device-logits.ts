// Imported where REPRISE_TEST_DEVICE_LOGITS is 'on' (CONTRIBUTING.md), by Vitest as a setup file: sessions leave their
// logits on the device that computes them, here the CPU. Sessions whose tests choose for themselves are left alone, and
// so are those of vocabularies that are too small for it.
import { Model } from '../../lib/model.js';

const createSession = Model.prototype.createSession;
Model.prototype.createSession = function (options) {
	const isLarge = this.info.vocabularySize >= 1280;
	return createSession.call(this, isLarge ? { deviceLogits: 'on', ...options } : options);
};
