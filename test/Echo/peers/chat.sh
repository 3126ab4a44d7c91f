#!/bin/sh
# Greets, says each line again, and leaves after "quit": for websocketd, where a line is a message.
echo '{"type":"welcome"}'
while read -r line; do
  [ "$line" = quit ] && exit 0
  echo "$line"
done
