/* The rules of one network, in an nftables table of its own, so that removing them touches nothing else. */
#ifndef SAMPAN_FIREWALL_H
#define SAMPAN_FIREWALL_H

/*
 * Containers reach the outside through the host's address (masquerade); nothing from other networks reaches them
 * unasked. Rules that are there stay unless `renew` says that the range changed. NULL, or a word for what is missing: `nft-missing`, `nft-failed`.
 */
const char *firewall_ensure(const char *bridge, const char *subnet, int renew);

void firewall_remove(const char *bridge);

#endif
