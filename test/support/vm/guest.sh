#!/bin/bash
# Process 1 of the machine that scripts/vm.mjs boots: a writable root, a disk, cgroup v2, then the command.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
run=$(dirname "$0")
user='' image='' checkout='' share='' path='' command=() environment=()
# shellcheck source=/dev/null
. "$run/settings"
uid=4000

# This machine's files are read-only; an overlay takes what is written.
build_root() {
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
	modprobe -d "$image" -q -a overlay tun fuse loop ipv6
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir /run/{upper,work,new}
	mount -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work root /run/new
	local folder
	for folder in "$checkout" "$share"; do
		while [[ $folder ]]; do # an ordinary user gets there even below a home of mode 700
			chmod a+rx "/run/new$folder"
			folder=${folder%/*}
		done
	done
	for folder in "$share" "$run"; do
		mount -t hostfs -o "$folder",sync none "/run/new$folder"
	done
	for folder in proc sys dev; do mount --move "/$folder" "/run/new/$folder"; done
	cd /run/new && pivot_root . . && umount -l .
	cd /
	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
	mkdir -p /dev/pts /dev/shm /dev/mqueue
	mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
	mount -t mqueue mqueue /dev/mqueue
	ln -sfn /proc/self/fd /dev/fd
	chmod 666 /dev/net/tun 2>/dev/null
	ip link set lo up
	# Node's io_uring queues bring this kernel down: bad page map, then a panic.
	echo 2 >/proc/sys/kernel/io_uring_disabled
}

add_user() {
	echo "sampan-vm:*:$uid:$uid::/scratch/home:/bin/sh" >>/etc/passwd
	echo "sampan-vm:x:$uid:" >>/etc/group
	echo sampan-vm:100000:65536 | tee -a /etc/subuid >>/etc/subgid
	mkdir -p /scratch
	mount -t ext4 /dev/ubda /scratch
	mkdir -p /scratch/{home,tmp,run}
	chmod 1777 /scratch/tmp
	[[ $user ]] && chown $uid:$uid /scratch/{home,run}
	chmod 700 /scratch/run
}

# Every controller, and a subtree that belongs to the user with the files that the kernel names for delegation.
delegate_cgroup() {
	mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
	mkdir /sys/fs/cgroup/session
	local name
	for name in $(</sys/fs/cgroup/cgroup.controllers); do echo "+$name" >/sys/fs/cgroup/cgroup.subtree_control; done
	[[ $user ]] || return
	chown $uid:$uid /sys/fs/cgroup/session
	for name in $(</sys/kernel/cgroup/delegate); do
		[[ -e /sys/fs/cgroup/session/$name ]] && chown $uid:$uid "/sys/fs/cgroup/session/$name"
	done
}

run_command() {
	local as=()
	[[ $user ]] && as=(setpriv "--reuid=$uid" "--regid=$uid" --init-groups --inh-caps=-all)
	exec 3> >(exec cat >>"$run/out")
	local writer=$!
	[[ $user ]] && chown $uid:$uid /proc/self/fd/3
	(
		echo $BASHPID >/sys/fs/cgroup/session/cgroup.procs
		cd "$checkout" || exit 125
		exec env -i "PATH=$path" HOME=/scratch/home XDG_RUNTIME_DIR=/scratch/run TMPDIR=/scratch/tmp LANG=C.UTF-8 \
			"${environment[@]}" "${as[@]}" "${command[@]}" </dev/null >&3 2>&1 3>&-
	)
	local code=$?
	exec 3>&-
	echo 1 >/sys/fs/cgroup/session/cgroup.kill
	wait "$writer"
	echo $code >"$run/status"
}

build_root
add_user
delegate_cgroup
run_command
sync
echo o >/proc/sysrq-trigger
sleep 60
