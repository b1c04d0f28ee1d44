#!/usr/bin/env node
// Not a file that is built: npm makes links to programs before anything is.
import '../dist/cli/main.js';
