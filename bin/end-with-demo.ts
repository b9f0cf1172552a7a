/** Loaded before the command of the demo: when the demo is killed its rack is gone, and nobody is left to work for. */
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();
