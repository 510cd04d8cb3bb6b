/* JSON into a buffer of fixed size, which is cut off when full and always NUL-terminated. */
#ifndef SAMPAN_JSON_H
#define SAMPAN_JSON_H

#include <stddef.h>

struct json_writer {
	char *text;
	size_t size;
	size_t used;
	/* The next value needs no comma before it. */
	int first;
};

void json_open(struct json_writer *writer, char bracket);
void json_close(struct json_writer *writer, char bracket);
void json_key(struct json_writer *writer, const char *key);
void json_text(struct json_writer *writer, const char *key, const char *value);
void json_number(struct json_writer *writer, const char *key, long long value);
void json_truth(struct json_writer *writer, const char *key, int value);

#endif
