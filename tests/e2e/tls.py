"""nginx on loopback, answering the load balancers' health path with TLS for HOST."""
import shutil
import socket
import subprocess
import time

CONF = '''
daemon off;
master_process off;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format names '$ssl_server_name $http_host $request $status';
    access_log {dir}/access.log names;
    client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
    uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name {host};
        ssl_certificate {certs}/host.pem;
        ssl_certificate_key {certs}/host.key;
        location = /healthz {{ return 200 "well\\n"; }}
        location / {{ return 404; }}
    }}
}}
'''


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), timeout=1).close()
        return True
    except OSError:
        return False


def wait_for(port, process, what):
    for _ in range(300):
        if answers(port):
            return
        if process.poll() is not None:
            break
        time.sleep(.1)
    raise RuntimeError(f'{what} did not start')


def start_nginx(folder, certificates, host):
    binary = shutil.which('nginx') or shutil.which('nginx', path='/usr/sbin:/sbin')
    if not binary:
        raise RuntimeError('there is no nginx')
    port = free_port()
    conf = folder / 'nginx.conf'
    conf.write_text(CONF.format(dir=folder, port=port, host=host, certs=certificates))
    p = subprocess.Popen([binary, '-p', str(folder), '-e', str(folder / 'error.log'), '-c', str(conf)],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    wait_for(port, p, 'nginx')
    return p, port
