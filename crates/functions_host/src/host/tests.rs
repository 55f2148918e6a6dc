mod bench;
mod http;
mod process;
mod queues;
mod timers;
