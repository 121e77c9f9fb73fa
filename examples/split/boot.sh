#!/bin/sh
systemctl start api
