/*
 * Reads one file over HTTP again and again, over kept connections, and counts its bytes.
 *
 *   http-load PORT PATH CONNECTIONS SECONDS
 *
 * Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 18, MOST = 1000 };
struct connection { int64_t left; int head; char text[4096]; };

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}
int main(int count, char **argument) {
  if (count != 5) return 2;
  int connections = atoi(argument[3]), failed = 0;
  struct sockaddr_in server = {AF_INET, htons(atoi(argument[1])), {htonl(INADDR_LOOPBACK)}, {0}};
  struct pollfd *ready = calloc(MOST, sizeof *ready);
  struct connection *all = calloc(MOST, sizeof *all);
  char *room = malloc(ROOM), question[300];
  int size = sprintf(question, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", argument[2]);
  uint64_t bytes = 0, files = 0, start = now(), end = start + (uint64_t)(atof(argument[4]) * 1e9);
  for (int i = 0; i < connections; i++) {
    ready[i] = (struct pollfd){socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0};
    if (connect(ready[i].fd, (struct sockaddr *)&server, sizeof server)) { perror("connect"); return 2; }
    if (write(ready[i].fd, question, size) != size) return 2;
  }
  while (now() < end && !failed) {
    poll(ready, connections, 100);
    for (int i = 0; i < connections && !failed; i++) {
      struct connection *c = &all[i];
      if (!ready[i].revents) continue;
      int n = recv(ready[i].fd, room, ROOM, MSG_DONTWAIT);
      if (n == 0) failed = 1;
      if (n <= 0) continue;
      bytes += n;
      char *p = room;
      if (c->left == 0) { /* In the header: looked for in what came so far. */
        int take = n < (int)sizeof c->text - 1 - c->head ? n : (int)sizeof c->text - 1 - c->head;
        memcpy(c->text + c->head, p, take), c->text[c->head + take] = 0;
        char *body = strstr(c->text, "\r\n\r\n"), *length = strcasestr(c->text, "\r\ncontent-length:");
        if (!body) { c->head += take; continue; }
        if (strncmp(c->text + 9, "200", 3) || !length) { failed = 1; continue; }
        c->left = strtoll(length + 17, 0, 10);
        n -= (int)(body + 4 - c->text) - c->head, c->head = 0;
      }
      c->left -= n;
      if (c->left == 0) {
        files++;
        if (write(ready[i].fd, question, size) != size) failed = 1;
      }
    }
  }
  double seconds = (now() - start) / 1e9;
  printf("{\"failed\":%d,\"files\":%lu,\"bytes\":%lu,\"seconds\":%.4f,\"megabytesPerSecond\":%.1f}\n", failed, files, bytes, seconds,
    bytes / 1e6 / seconds);
  return 0;
}
