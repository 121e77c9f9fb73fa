#!/bin/sh
echo "${log} ${port} ${token} $${HOME}"
