/*
 * Plays many DHCP clients behind one relay agent (RFC 2131; giaddr = LOCAL), each with a MAC address of its own.
 *
 *   dhcp-load SERVER LOCAL MODE COUNT MACS OUTSTANDING
 *     pxe    DISCOVERs of PXE firmware, until COUNT were answered
 *     dora   DISCOVER, OFFER, REQUEST, ACK, until COUNT were acknowledged
 *     burst  COUNT DISCOVERs of PXE firmware back to back, answers counted for a second after the last
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

enum { SLOTS = 1 << 17, DISCOVER = 1, OFFER = 2, REQUEST = 3, ACKNOWLEDGED = 5, REFUSED = 6, GIVE_UP_MS = 2000 };
struct exchange { uint64_t begun; uint8_t state; };

/* Option 55 as EDK2 sends it. */
static const uint8_t asked[] = {1,  2,  3,  4,  5,  6,  12, 13, 15, 17, 18,  22,  23,  28,  40,  41,  42,  43,
  50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135};
static struct exchange *exchanges;
static struct sockaddr_in server = {.sin_family = AF_INET}, local = {.sin_family = AF_INET};
static int fd, is_pxe, is_dora;
static uint32_t macs, first_xid, begun;
static uint64_t offers, acknowledged, refused, lost;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}
static uint8_t *option(uint8_t *p, int code, const void *value, int size) {
  *p++ = code, *p++ = size;
  return (uint8_t *)memcpy(p, value, size) + size;
}
static void say(uint32_t index, uint8_t type, const uint8_t *offered, const uint8_t *identifier) {
  uint8_t b[600] = {1, 1, 6, 1};
  uint32_t xid = htonl(first_xid + index), mac = htonl(index % macs);
  memcpy(b + 4, &xid, 4), memcpy(b + 24, &local.sin_addr, 4), b[28] = 2, memcpy(b + 30, &mac, 4);
  memcpy(b + 236, "\x63\x82\x53\x63", 4);
  uint8_t *p = option(b + 240, 53, &type, 1);
  if (type == REQUEST) p = option(p, 50, offered, 4), p = option(p, 54, identifier, 4);
  p = option(p, 57, "\x05\xc0", 2);
  p = option(p, 55, asked, sizeof asked);
  if (is_pxe) {
    uint8_t guid[17] = {0};
    memcpy(guid + 1, b + 28, 6);
    p = option(p, 97, guid, 17), p = option(p, 94, "\x01\x03\x10", 3), p = option(p, 93, "\x00\x07", 2);
    p = option(p, 60, "PXEClient:Arch:00007:UNDI:003016", 32);
  }
  *p++ = 255;
  sendto(fd, b, p - b < 300 ? 300 : p - b, 0, (struct sockaddr *)&server, sizeof server);
}
static void begin(void) {
  struct exchange *x = &exchanges[begun % SLOTS];
  x->state = DISCOVER, x->begun = now();
  say(begun++, DISCOVER, 0, 0);
}
/* Whether an exchange came to its end. */
static int take(uint8_t *b, int size) {
  uint32_t xid;
  if (size < 241 || b[0] != 2 || memcmp(b + 236, "\x63\x82\x53\x63", 4)) return 0;
  memcpy(&xid, b + 4, 4);
  uint32_t index = ntohl(xid) - first_xid;
  if (index >= begun) return 0;
  struct exchange *x = &exchanges[index % SLOTS];
  int type = 0;
  uint8_t identifier[4] = {0};
  for (int at = 240; at + 1 < size && b[at] != 255; at += b[at] ? b[at + 1] + 2 : 1) {
    if (b[at] == 53) type = b[at + 2];
    if (b[at] == 54) memcpy(identifier, b + at + 2, 4);
  }
  if (type == OFFER && x->state == DISCOVER) {
    offers++;
    x->state = is_dora ? REQUEST : 0;
    if (is_dora) say(index, REQUEST, b + 16, identifier);
    return !is_dora;
  }
  if ((type == ACKNOWLEDGED || type == REFUSED) && x->state == REQUEST) {
    if (type == ACKNOWLEDGED) acknowledged++;
    else refused++;
    x->state = 0;
    return 1;
  }
  return 0;
}
int main(int count, char **argument) {
  if (count != 7) return 2;
  inet_aton(argument[1], &server.sin_addr), inet_aton(argument[2], &local.sin_addr);
  server.sin_port = local.sin_port = htons(67);
  is_dora = !strcmp(argument[3], "dora"), is_pxe = !is_dora, macs = atoi(argument[5]);
  int is_burst = !strcmp(argument[3], "burst"), outstanding = atoi(argument[6]), room = 4 << 20;
  uint64_t goal = strtoull(argument[4], 0, 10);
  exchanges = calloc(SLOTS, sizeof *exchanges), first_xid = (uint32_t)(now() >> 10) & 0x3fffffff;
  fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(fd, (struct sockaddr *)&local, sizeof local)) { perror("bind"); return 2; }
  uint64_t start = now(), heard = start;
  uint32_t oldest = 0;
  for (uint64_t i = 0; i < (is_burst ? goal : (uint64_t)outstanding); i++) begin();
  uint64_t sent = now(), *done = is_dora ? &acknowledged : &offers;
  while (*done < goal && now() - start < 60000000000ull && (!is_burst || now() - sent < 1000000000ull)) {
    uint8_t b[2048];
    struct pollfd ready = {fd, POLLIN, 0};
    poll(&ready, 1, 10);
    for (int n; (n = recv(fd, b, sizeof b, 0)) > 0;) {
      heard = now();
      if (take(b, n) && !is_burst && *done < goal) begin();
    }
    for (; !is_burst && oldest < begun; oldest++) {
      struct exchange *x = &exchanges[oldest % SLOTS];
      if (x->state && now() - x->begun < GIVE_UP_MS * 1000000ull) break;
      if (x->state) x->state = 0, lost++, begin();
    }
  }
  double seconds = (heard - start) / 1e9;
  printf("{\"offers\":%lu,\"acknowledged\":%lu,\"refused\":%lu,\"lost\":%lu,\"seconds\":%.4f,\"perSecond\":%.0f}\n", offers,
    acknowledged, refused, lost, seconds, *done / seconds);
  return 0;
}
