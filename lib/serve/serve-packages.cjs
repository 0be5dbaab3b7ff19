'use strict';

// CommonJS, which is loaded with the first server. In dist/ this is a file of its own, with what is used of the packages
// in it.

const { serve } = require('@hono/node-server');
const { Hono } = require('hono');
const { bodyLimit } = require('hono/body-limit');
const { cors } = require('hono/cors');
const { streamSSE } = require('hono/streaming');
const { Counter, Gauge, Histogram, Registry } = require('prom-client');

module.exports = { bodyLimit, Counter, cors, Gauge, Histogram, Hono, Registry, serve, streamSSE };
