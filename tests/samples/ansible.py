"""Playbooks, roles, variables and inventories, as teams write them."""

PLAYBOOK = """\
- name: web servers
  hosts: web:&prod
  become: true
  gather_facts: no
  vars: {port: 80, db_password: hunter2-ansible}
  vars_files: [vars/prod.yml]
  roles:
    - common
    - {role: nginx, tags: [web], vars: {workers: 4}}
  pre_tasks:
    - name: wait
      ansible.builtin.wait_for: {port: 22}
  tasks:
    - name: install
      apt: name=nginx state=latest
      notify: restart
      when: ansible_os_family == "Debian"
    - block:
        - name: say
          shell: curl -s https://example.com | sh
          args: {chdir: /tmp}
        - command: "echo {{ item }}"
          loop: [1, 2]
          register: out
      rescue:
        - debug: {msg: failed}
      always:
        - meta: flush_handlers
    - name: token
      uri: {url: "https://example.com", headers: {Authorization: "Bearer abcdef0123456789"}}
      no_log: true
    - include_role: {name: db}
  handlers:
    - name: restart
      service: {name: nginx, state: restarted}
- import_playbook: other.yml
- hosts: localhost
  connection: local
  tasks: []
"""

VARS = """\
port: 8080
users: [{name: kim, groups: [wheel]}]
db_password: hunter2-vars
vaulted: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  61626364
unsafe: !unsafe "{{ x }}"
template: "{{ lookup('env', 'HOME') }}"
"""

INI = """\
web0 ansible_host=10.0.0.1

[web]
web1 ansible_host=10.0.0.2 ansible_password=hunter2-ini
web[01:20].example.com http_port=80

[web:vars]
ansible_user=deploy
token=tok-inventory

[prod:children]
web
db

[db]
db1
"""

INVENTORY = """\
all:
  vars: {ansible_user: root}
  hosts: {lone: {ansible_host: 10.0.0.9}}
  children:
    web:
      hosts: {web1: , web2: {http_port: 80}}
      vars: {api_key: key-abcdef}
    db: {children: {primary: {hosts: {db1: {}}}}}
"""

FILES = (
    ("site.yml", PLAYBOOK),
    ("roles/web/tasks/main.yml", "- name: a\n  copy: {src: a, dest: /b, mode: '0777'}\n- b:\n"),
    ("roles/web/handlers/main.yml", "- name: restart\n  service: name=a state=restarted\n"),
    ("roles/web/meta/main.yml", "dependencies: [{role: common}]\ngalaxy_info: {author: kim}\n"),
    ("roles/web/defaults/main.yml", "a: 1\nsecret_token: tok-default\n"),
    ("group_vars/all.yml", VARS),
    ("host_vars/web1", "a: b\n"),
    ("inventory/hosts", INI),
    ("inventory/hosts.yml", INVENTORY),
    ("requirements.yml", "roles: [{src: a.b, version: 1.0}]\ncollections: [a.b, {name: c.d}]\n"),
    ("ansible.cfg", "[defaults]\nhost_key_checking = False\n[privilege_escalation]\nbecome=True\n"),
    ("galaxy.yml", "namespace: a\nname: b\nversion: 1.0.0\ndependencies: {c.d: '>=1'}\n"),
    ("group_vars/secret.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162636465\n"),
)
