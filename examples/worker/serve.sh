#!/bin/sh
exec /opt/orders/api --port 8080 --queue "${queue}"
