'use strict';

// CommonJS, which is loaded with the first name of a model. In dist/ this is a file of its own, with what is used of the
// packages in it.

const { getHFHubCachePath, getRepoFolderName, HUB_URL, listFiles, modelInfo } = require('@huggingface/hub');
const { gguf, parseGGUFQuantLabel, parseGgufShardFilename } = require('@huggingface/gguf');

module.exports = {
	getHFHubCachePath,
	getRepoFolderName,
	gguf,
	HUB_URL,
	listFiles,
	modelInfo,
	parseGGUFQuantLabel,
	parseGgufShardFilename,
};
