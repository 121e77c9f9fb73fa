#!/bin/sh
# Takes orders off the queue until it is told to stop. SIGTERM lets the one in hand finish.
exec /opt/orders/consumer --queue "${queue}" --log "${log}"
