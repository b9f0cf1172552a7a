/*
 * Reads one file over TFTP again and again and compares every byte with a local copy: a wrong byte, a missing block or a
 * wrong length is a failure, never a fast result. Loss and delay are made here, so no privilege is needed: each packet is
 * lost with the same probability either way, and what is sent is held back for the round-trip time.
 *
 *   tftp-load PORT NAME COPY BLOCK_SIZE WINDOW AT_ONCE IN_ALL LOSS_PERCENT ROUND_TRIP_MS SEED
 *
 * Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { READ_REQUEST = 1, DATA = 3, ACK = 4, ERROR = 5, OPTION_ACK = 6 };
enum { BATCH = 64, HELD = 1 << 14, SILENCE_MS = 1000, PATIENCE = 20 };

struct transfer {
  int socket, is_over, is_ok, is_connected, silences, block_size, window, in_window, told_gap;
  uint64_t next, at, begun, heard, ended; /* the next block, counted without wrapping; bytes in order so far */
};
struct held { struct transfer *of; uint64_t due; int size, to_server; uint8_t bytes[300]; };

static struct sockaddr_in server = {.sin_family = AF_INET};
static const char *name;
static const uint8_t *copy;
static uint64_t copy_size, timeouts, received, state = 88172645463325252ull;
static int block_size, window;
static double loss, round_trip;
static struct held *held;
static size_t held_from, held_to;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static int is_lost(void) {
  if (loss <= 0) return 0;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (state >> 11) / 9007199254740992.0 * 100 < loss;
}
static void leave(struct transfer *x, const void *bytes, int size, int to_server) {
  if (to_server) sendto(x->socket, bytes, size, 0, (struct sockaddr *)&server, sizeof server);
  else send(x->socket, bytes, size, 0);
}
static void put_out(struct transfer *x, const void *bytes, int size, int to_server) {
  if (is_lost()) return;
  if (round_trip <= 0) { leave(x, bytes, size, to_server); return; }
  if (held_to - held_from == HELD) { fputs("too many packets held\n", stderr); exit(2); }
  struct held *h = &held[held_to++ % HELD];
  h->of = x, h->due = now() + (uint64_t)(round_trip * 1e6), h->size = size, h->to_server = to_server;
  memcpy(h->bytes, bytes, size);
}
static void request(struct transfer *x) {
  char b[300] = {0, READ_REQUEST};
  int n = 2;
  n += sprintf(b + n, "%s", name) + 1;
  n += sprintf(b + n, "octet") + 1;
  n += sprintf(b + n, "tsize") + 1;
  n += sprintf(b + n, "0") + 1;
  n += sprintf(b + n, "blksize") + 1;
  n += sprintf(b + n, "%d", block_size) + 1;
  if (window > 1) {
    n += sprintf(b + n, "windowsize") + 1;
    n += sprintf(b + n, "%d", window) + 1;
  }
  put_out(x, b, n, 1);
}
static void acknowledge(struct transfer *x, uint64_t block) {
  uint8_t b[4] = {0, ACK, block >> 8, block};
  put_out(x, b, 4, 0);
}
static void end(struct transfer *x, int is_ok, const char *why) {
  if (!is_ok) fprintf(stderr, "transfer failed: %s\n", why);
  x->is_over = 1, x->is_ok = is_ok, x->ended = now();
}
static void begin(struct transfer *x, int poll, int index) {
  x->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  if (x->socket < 0) { perror("socket"); exit(2); }
  int room = 4 << 20;
  setsockopt(x->socket, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  struct epoll_event e = {.events = EPOLLIN, .data.u32 = index};
  epoll_ctl(poll, EPOLL_CTL_ADD, x->socket, &e);
  x->block_size = 512, x->window = 1, x->next = 1, x->begun = x->heard = now();
  request(x);
}
static void read_options(struct transfer *x, char *p, char *end_of) {
  while (p < end_of) {
    char *value = p + strnlen(p, end_of - p) + 1;
    if (value >= end_of) return;
    if (!strcasecmp(p, "blksize")) x->block_size = atoi(value);
    if (!strcasecmp(p, "windowsize")) x->window = atoi(value);
    if (!strcasecmp(p, "tsize") && strtoull(value, 0, 10) != copy_size) end(x, 0, "wrong tsize");
    p = value + strnlen(value, end_of - value) + 1;
  }
  if (x->block_size > block_size || x->window > window || x->window < 1) end(x, 0, "more than was asked for");
}
static void take(struct transfer *x, uint8_t *p, int size, struct sockaddr_in *from) {
  if (size < 4 || is_lost()) return;
  received++;
  if (!x->is_connected) x->is_connected = !connect(x->socket, (struct sockaddr *)from, sizeof *from);
  if (p[1] == ERROR) { end(x, 0, "the server said ERROR"); return; }
  if (p[1] == OPTION_ACK) {
    if (x->next > 1) return;
    read_options(x, (char *)p + 2, (char *)p + size);
    x->heard = now();
    if (!x->is_over) acknowledge(x, 0);
    return;
  }
  if (p[1] != DATA) return;
  int16_t ahead = (int16_t)((p[2] << 8 | p[3]) - (uint16_t)x->next);
  if (ahead) { /* A gap is told once. The last block again means that its ACK was lost. */
    if (ahead > 0 && x->window > 1 && !x->told_gap) x->told_gap = 1, x->in_window = 0, acknowledge(x, x->next - 1);
    if (ahead == -1) x->in_window = 0, acknowledge(x, x->next - 1);
    return;
  }
  int length = size - 4;
  if (x->at + length > copy_size || memcmp(copy + x->at, p + 4, length)) { end(x, 0, "wrong bytes"); return; }
  x->at += length, x->next++, x->in_window++, x->told_gap = 0, x->silences = 0, x->heard = now();
  if (length < x->block_size) {
    acknowledge(x, x->next - 1);
    end(x, x->at == copy_size, "too short");
  } else if (x->in_window == x->window) {
    x->in_window = 0;
    acknowledge(x, x->next - 1);
  }
}
static int by_size(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return d < 0 ? -1 : d > 0;
}
int main(int count, char **argument) {
  if (count != 11) return 2;
  state ^= strtoull(argument[10], 0, 10) * 0x9e3779b97f4a7c15ull;
  server.sin_port = htons(atoi(argument[1])), server.sin_addr.s_addr = htonl(INADDR_LOOPBACK), name = argument[2];
  int file = open(argument[3], O_RDONLY), at_once = atoi(argument[6]), in_all = atoi(argument[7]);
  struct stat about;
  if (file < 0 || fstat(file, &about)) { perror(argument[3]); return 2; }
  copy_size = about.st_size, copy = mmap(0, copy_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  block_size = atoi(argument[4]), window = atoi(argument[5]), loss = atof(argument[8]), round_trip = atof(argument[9]);
  held = malloc(HELD * sizeof *held);
  struct transfer *all = calloc(in_all, sizeof *all);
  double *times = calloc(in_all, sizeof *times);
  size_t room = block_size + 64;
  uint8_t *buffers = malloc(BATCH * room);
  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  struct sockaddr_in from[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){buffers + i * room, room};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1, .msg_name = &from[i]};
  }
  int poll = epoll_create1(0), begun = 0, over = 0, ok = 0;
  uint64_t start = now(), looked = start;
  while (begun < at_once) begin(&all[begun], poll, begun), begun++;
  while (over < in_all && now() - start < 120000000000ull) {
    struct epoll_event ready[256];
    struct timespec wait = {0, 10000000};
    if (held_from < held_to) {
      int64_t left = (int64_t)(held[held_from % HELD].due - now());
      wait.tv_nsec = left < 0 ? 0 : left < wait.tv_nsec ? left : wait.tv_nsec;
    }
    int n = epoll_pwait2(poll, ready, 256, &wait, 0);
    for (; held_from < held_to && held[held_from % HELD].due <= now(); held_from++) {
      struct held *h = &held[held_from % HELD];
      if (h->of->socket >= 0) leave(h->of, h->bytes, h->size, h->to_server);
    }
    for (int i = 0; i < n; i++) {
      struct transfer *x = &all[ready[i].data.u32];
      for (int j = 0; j < BATCH; j++) messages[j].msg_hdr.msg_namelen = sizeof from[0];
      int got = x->is_over ? 0 : recvmmsg(x->socket, messages, BATCH, MSG_DONTWAIT, 0);
      for (int j = 0; j < got && !x->is_over; j++) take(x, parts[j].iov_base, messages[j].msg_len, &from[j]);
      if (!x->is_over || x->socket < 0 || round_trip > 0) continue;
      close(x->socket), x->socket = -1, over++;
      if (x->is_ok) times[ok++] = (x->ended - x->begun) / 1e6;
      if (begun < in_all) begin(&all[begun], poll, begun), begun++;
    }
    if (now() - looked < 5000000) continue;
    looked = now();
    for (int i = 0; i < begun; i++) {
      struct transfer *x = &all[i];
      if (x->socket < 0) continue;
      if (x->is_over) { /* Its last ACK may still be held. */
        if (looked - x->ended < (uint64_t)(round_trip * 2e6)) continue;
        close(x->socket), x->socket = -1, over++;
        if (x->is_ok) times[ok++] = (x->ended - x->begun) / 1e6;
        if (begun < in_all) begin(&all[begun], poll, begun), begun++;
      } else if (looked - x->heard > SILENCE_MS * 1000000ull + (uint64_t)(round_trip * 1e6)) {
        timeouts++, x->heard = looked;
        if (++x->silences > PATIENCE) end(x, 0, "silence");
        else if (!x->is_connected) request(x);
        else x->in_window = 0, x->told_gap = 0, acknowledge(x, x->next - 1);
      }
    }
  }
  double seconds = (now() - start) / 1e9;
  qsort(times, ok, sizeof *times, by_size);
  printf("{\"ok\":%d,\"failed\":%d,\"seconds\":%.4f,\"megabytesPerSecond\":%.2f,\"timeouts\":%lu,\"p50Millis\":%.2f,\"p99Millis\":%.2f,\"window\":%d}\n",
    ok, in_all - ok, seconds, ok * (copy_size / 1e6) / seconds, timeouts, ok ? times[(ok - 1) / 2] : -1,
    ok ? times[(int)((ok - 1) * .99)] : -1, all[0].window);
  return 0;
}
