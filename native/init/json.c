#include "json.h"

#include <stdio.h>
#include <string.h>

static void put(struct json_writer *writer, const char *text, size_t size)
{
	if (writer->used + size >= writer->size)
		return;
	memcpy(writer->text + writer->used, text, size);
	writer->used += size;
	writer->text[writer->used] = 0;
}

static void put_string(struct json_writer *writer, const char *value)
{
	char escaped[8];

	put(writer, "\"", 1);
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;
		if (byte == '"' || byte == '\\')
			snprintf(escaped, sizeof escaped, "\\%c", byte);
		else if (byte < 0x20)
			snprintf(escaped, sizeof escaped, "\\u%04x", byte);
		else
			snprintf(escaped, sizeof escaped, "%c", byte);
		put(writer, escaped, strlen(escaped));
	}
	put(writer, "\"", 1);
}

void json_open(struct json_writer *writer, char bracket)
{
	/* An object inside a list follows a comma, one after a key does not. */
	if (!writer->first && writer->used && writer->text[writer->used - 1] != ':')
		put(writer, ",", 1);
	put(writer, &bracket, 1);
	writer->first = 1;
}

void json_close(struct json_writer *writer, char bracket)
{
	put(writer, &bracket, 1);
	writer->first = 0;
}

void json_key(struct json_writer *writer, const char *key)
{
	if (!writer->first)
		put(writer, ",", 1);
	writer->first = 0;
	put_string(writer, key);
	put(writer, ":", 1);
}

void json_text(struct json_writer *writer, const char *key, const char *value)
{
	json_key(writer, key);
	put_string(writer, value ? value : "");
}

void json_number(struct json_writer *writer, const char *key, long long value)
{
	char text[24];

	json_key(writer, key);
	put(writer, text, (size_t)snprintf(text, sizeof text, "%lld", value));
}

void json_truth(struct json_writer *writer, const char *key, int value)
{
	json_key(writer, key);
	put(writer, value ? "true" : "false", value ? 4 : 5);
}
