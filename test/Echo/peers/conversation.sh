#!/bin/sh
# The conversation of the C10k demo as lines, for websocketd.
echo "Hello!"
for n in 1 2 3; do
  read -r line
  echo "$n. $line"
done
echo "Goodbye!"
