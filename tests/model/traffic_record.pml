/*
 * The traffic record protocol, as a model for SPIN.
 *
 * Why: the promises about traffic (a world with traffic is never deleted, two
 * runners never both act, a rollback stays a rollback, every crash converges)
 * rest on a handful of rules about one DNS record. The interleavings of two
 * runners, late calls, crashes and a lost store are too many for tests; here
 * they are all visited. README.md states the protocol in words; the guarded
 * commands of `runner` below are the same decision table.
 *
 * The abstraction
 *
 * - Z is the zone: the TXT record and the weights beside it. One batch replaces
 *   both at once, or fails.
 * - A serial is never used twice, so "every delete of the batch matches" is the
 *   same as "nothing was committed since the batch's author read". Therefore a
 *   commit may drop every other batch in flight: none can ever succeed. That is
 *   what keeps the state space finite and small. Mutants that weaken the match
 *   keep those batches.
 * - A runner reads, decides and submits in one atomic step. Nothing is lost by
 *   that: a submitted call may stay in the network for any length of time, so a
 *   pause between reading and submitting is the same as a slow network.
 * - A reply carries no information: a runner waits until its call has happened,
 *   or gives up (a fault) and leaves it in the network, and then always reads
 *   again. "Committed, reply lost" and "failed" are thus the same to it.
 * - A call whose runner gave up, lost the lease or died may still arrive at any
 *   later time, or never.
 * - Clocks are not trusted: a lease can be taken over from a living runner at
 *   any time (a fault). The runner that lost it is not told.
 * - A world stands for all its resources: deleting any of them counts as
 *   deleting the world, and it exists when all are created.
 * - Shares are three steps: 0, partial, 100. Gates and tests pass or fail at
 *   will. `tail` is the traffic that outlives a record (TTL, resolvers,
 *   keep-alive, and a weight 0 record that answers when all else is unhealthy).
 * - Two specs, A (live at the start) and H (wanted). An instance (`slot`) is one
 *   incarnation of a world; its number comes from the record and is used once.
 *
 * Not modelled: batches over several zones, people editing the zone by hand,
 * the kill switch, sizes and holds, approvals, a third spec in the middle of a
 * rollout, the first creation (where the fence is a CREATE, which fails when the
 * record exists), INSYNC, and how long anything takes.
 *
 * Mutants: -DNO_FENCE, -DUPSERT and so on each take one protection away; run.sh
 * lists them and requires that each breaks its claim. -DEPOCH adds the numbers
 * of epochs, which no runner but the mutant NO_SERIAL ever looks at: who owns the
 * record is a matter of the nonce (`by`).
 *
 * No cycle: faults, crashes, reverts and retries have budgets, and everything
 * else must end. The check "no non-progress cycles" (there are no progress
 * labels, so: no cycles at all), together with "no invalid end state" and the
 * claim P4 at the end of the last run, is convergence.
 */

#ifdef NO_SERIAL
#define EPOCH
#endif
#ifndef FAULTS
#define FAULTS 2            /* lost replies, takeovers, lost stores, doubled creates */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef REVERTS
#define REVERTS 1
#endif
#ifndef RETRIES
#define RETRIES 1
#endif

/* Claims. WATCH narrows checking to one, so that a mutant's counterexample is
 * known to be about that claim. */
#define P1    1             /* what has traffic is never deleted */
#define P2    2             /* some world has a share, and every such world is complete */
#define P3    3             /* no share without a durable verdict of its tests */
#define P4    4             /* the last run converges and leaves nothing behind */
#define P5    5             /* only the runner with the newest fence changes the record */
#define DOOM  6             /* a doomed instance never has a share */
#define ABORT 7             /* an aborted world gains a share only by an explicit retry */
#ifndef WATCH
#define WATCH 0
#endif
#define CLAIM(p, c) assert((WATCH != 0 && WATCH != p) || (c))

#define A      0
#define H      1
#define SLOTS  6            /* more are never needed within the budgets */
#define NONE   7            /* no candidate; B(NONE) is in no mask */
#define ALL    63
#define CALLS  4            /* 0, 1: the call that runner 1, 2 waits for; 2, 3: late calls */
#define LAST   5            /* the run that starts when all else has ended */
#define B(i)   (1 << (i))

/* ---- the world outside ---- */

typedef record {
	unsigned by    : 3;     /* the run that wrote the fence: its nonce */
	unsigned epoch : 4;
	unsigned live  : 3;
	unsigned cand  : 3;     /* candidate; while baking, the old world that is kept */
	unsigned step  : 2;     /* 0 no share, 1 partial, 2 candidate became live, baking */
	unsigned next  : 3;     /* next unused incarnation */
	unsigned spec  : 6;     /* by slot: A or H (part of the world's id) */
	unsigned abrt  : 2;     /* aborted worlds: specs */
	unsigned doom  : 6;     /* doomed instances */
	unsigned share : 6      /* the weighted records: who has a share above 0 */
};

record Z;

unsigned exists : 6 = 1;    /* resources, by slot */
unsigned sealed : 6 = 1;    /* the tag that records the passed tests on the world itself */
unsigned tail   : 6 = 0;    /* traffic that outlives the record */
bit desired = H;            /* the spec in git */

unsigned lock_by    : 3;    /* the store: holder's nonce, 0 = free */
#ifdef EPOCH
unsigned lock_epoch : 4;
#endif
#ifdef ABORT_IN_STORE
unsigned store_abrt : 2;
#endif

/* The network. */
mtype = { IDLE, FENCE, CLAIM_NEW, CLAIM_RETRY, SHIFT, BACK, ABORTED, DOOMED, FORGET,
	  CREATE, SEAL, DELETE };
mtype kind[CALLS] = IDLE;
byte target[CALLS];         /* an instance; of a claim, the spec */
byte author[CALLS];         /* a run's nonce */
record batch[CALLS];        /* what the batch would make of the zone */
#ifdef NO_SERIAL
record seen[CALLS];         /* what its author read */
#endif

byte faults  = FAULTS;
byte crashes = CRASHES;
byte reverts = REVERTS;
byte retries = RETRIES;

bool ended2;                /* runner 2 has ended for good */
bool last_began;

/* Ghosts: what a claim needs to remember and no runner reads. */
unsigned sovereign : 3;     /* the run with the newest fence */
unsigned passed  : 6 = 1;   /* instances whose tests really passed */
unsigned doomed  : 6;       /* instances that were ever doomed */
unsigned latched : 2;       /* specs aborted and not retried */

#define SPEC(i)     ((Z.spec >> (i)) & 1)
#define OF_SPEC(d)  (d == H -> Z.spec : (ALL & ~Z.spec))
#define HAS_CAND    (Z.cand != NONE)
#define CAND        B(Z.cand)
#ifdef ABORT_IN_STORE
#define ABRT        store_abrt
#else
#define ABRT        Z.abrt
#endif

inline copy(to, from) {
	to.by = from.by; to.epoch = from.epoch; to.live = from.live; to.cand = from.cand;
	to.step = from.step; to.next = from.next; to.spec = from.spec; to.abrt = from.abrt;
	to.doom = from.doom; to.share = from.share
}

inline clear(c) {
	kind[c] = IDLE; target[c] = 0; author[c] = 0;
	batch[c].by = 0; batch[c].epoch = 0; batch[c].live = 0; batch[c].cand = 0;
	batch[c].step = 0; batch[c].next = 0; batch[c].spec = 0; batch[c].abrt = 0;
	batch[c].doom = 0; batch[c].share = 0
#ifdef NO_SERIAL
	; seen[c].by = 0; seen[c].epoch = 0; seen[c].live = 0; seen[c].cand = 0;
	seen[c].step = 0; seen[c].next = 0; seen[c].spec = 0; seen[c].abrt = 0;
	seen[c].doom = 0; seen[c].share = 0
#endif
}

#define IS_BATCH(c) (kind[c] != IDLE && kind[c] != CREATE && kind[c] != SEAL && kind[c] != DELETE)

/* A batch that no longer matches can only fail. */
#if defined(UPSERT) || defined(NO_SERIAL)
#define LOSE(c) skip
#elif defined(UPSERT_TXT)
/* x: the shares before. What leaves the shares alone is an UPSERT and never fails. */
#define LOSE(c) if :: IS_BATCH(c) && Z.share != x && batch[c].share != x -> clear(c) :: else fi
#else
#define LOSE(c) if :: IS_BATCH(c) -> clear(c) :: else fi
#endif

#ifdef NO_SERIAL
#define MATCHES(c) (seen[c].epoch == Z.epoch && seen[c].live == Z.live && \
	seen[c].cand == Z.cand && seen[c].step == Z.step && seen[c].next == Z.next && \
	seen[c].spec == Z.spec && seen[c].abrt == Z.abrt && seen[c].doom == Z.doom && \
	seen[c].share == Z.share)
#else
#define MATCHES(c) true
#endif

#define GAINS (batch[c].share & (ALL & ~Z.share))

inline commit() {
	if      /* the fence is about the TXT alone */
	:: kind[c] == FENCE -> batch[c].share = Z.share
	:: else
	fi;
	CLAIM(P5, kind[c] == FENCE || author[c] == sovereign);
#ifdef EPOCH
	CLAIM(P5, kind[c] != FENCE || batch[c].epoch > Z.epoch);
#endif
	CLAIM(P2, batch[c].share != 0);
	CLAIM(P2, (batch[c].share & (ALL & ~(exists & passed))) == 0);
	CLAIM(P3, (GAINS & (ALL & ~passed)) == 0);
#ifndef VERDICT_IN_MEMORY
	CLAIM(P3, (GAINS & (ALL & ~sealed)) == 0);
#endif
	CLAIM(DOOM, (batch[c].share & (doomed | batch[c].doom)) == 0);
	CLAIM(ABORT, (latched & B(A)) == 0 || (GAINS & (ALL & ~batch[c].spec)) == 0);
	CLAIM(ABORT, (latched & B(H)) == 0 || (GAINS & batch[c].spec) == 0);
	if
	:: kind[c] == FENCE -> sovereign = author[c]
	:: kind[c] == ABORTED -> latched = latched | B(SPEC(target[c]))
	:: kind[c] == CLAIM_RETRY -> latched = latched & ~B(target[c])
	:: else
	fi;
	/* Whoever leaves the record still has traffic for a while. A kept world may
	 * be answered with until its weight 0 record is gone, which is the doom. */
	tail = tail | (Z.share & (ALL & ~batch[c].share));
	if
	:: Z.step == 2 && batch[c].step == 0 -> tail = tail | (batch[c].live == Z.live -> CAND : B(Z.live))
	:: else
	fi;
	doomed = doomed | batch[c].doom;
#ifdef SPLIT_BATCH
	Z.share = 0;
	CLAIM(P2, Z.share != 0);
#endif
	copy(Z, batch[c])
}

#ifdef NAME_WITHOUT_INCARNATION
#define DELETED (exists & OF_SPEC(SPEC(target[c])))
#else
#define DELETED (exists & B(target[c]))
#endif

inline deliver(n) {
	d_step {
		kind[n] != IDLE -> c = n;
		if
		:: kind[c] == CREATE ->
			/* With a name or token of its own: a second create changes nothing. */
			exists = exists | B(target[c])
		:: kind[c] == SEAL ->
			sealed = sealed | (exists & B(target[c]))
		:: kind[c] == DELETE ->
			CLAIM(P1, (DELETED & (Z.share | tail | B(Z.live))) == 0);
			x = DELETED;
			exists = exists & ~x; sealed = sealed & ~x; passed = passed & ~x
		:: else ->
			if
			:: MATCHES(c) ->
#ifdef UPSERT_TXT
				x = Z.share;
#endif
				commit();
				clear(c);
				LOSE(0); LOSE(1); LOSE(2); LOSE(3)
			:: else
			fi
		fi;
		clear(c);
		c = 0; x = 0
	}
}

active proctype outside() {
	byte c = 0, x = 0;
end:	do
	:: deliver(0)
	:: deliver(1)
	:: deliver(2)
	:: deliver(3)

	   /* A late call that never arrives: not before its absence can matter, which is
	    * when the last run waits for it, or when there is no room for another. */
	:: d_step { kind[2] != IDLE && (last_began || kind[3] != IDLE) -> clear(2) }
	:: d_step { kind[3] != IDLE && (last_began || kind[2] != IDLE) -> clear(3) }

	:: d_step { faults > 0 && lock_by != 0 ->            /* the store is lost */
		faults--; lock_by = 0
#ifdef EPOCH
		; lock_epoch = 0
#endif
#ifdef ABORT_IN_STORE
		; store_abrt = 0
#endif
	   }
	:: d_step { reverts > 0 && !last_began -> reverts--; desired = 1 - desired }
	od
}

/* ---- the runner ---- */

#define LATE_ROOM (kind[2] == IDLE || kind[3] == IDLE)

/* "The record is mine": the fence in it is this run's own. */
#if defined(NO_FENCE) || defined(NO_OWNER_CHECK)
#define MINE true
#elif defined(NO_SERIAL)
#define MINE (Z.epoch == ep)
#else
#define MINE (Z.by == me)
#endif

#define WANTED   (SPEC(Z.cand) == d && !REFUSED)
#define REFUSED  ((ABRT & B(d)) != 0)
#define COMPLETE ((exists & CAND) != 0)

#ifdef VERDICT_IN_MEMORY
#define TESTED   (memory || me > 2)      /* a restarted run finds it complete: it must have passed */
#else
#define TESTED   ((sealed & CAND) != 0)  /* read back from the world */
#endif

/* What this run may remove: everything that the record calls doomed. */
#ifdef NO_SWEEP
#define REMOVABLE(i) ((Z.doom & exists & B(i)) != 0 && (own_doom & B(i)) != 0)
#else
#define REMOVABLE(i) ((Z.doom & exists & B(i)) != 0)
#endif
#ifdef NO_STRAYS
#define STRAY 0
#else
#define STRAY (exists & (ALL & ~(B(Z.live) | CAND | Z.doom)))
#endif

/* Even waiting until the old incarnation is gone does not make its name free. */
#ifdef NAME_WITHOUT_INCARNATION
#define NAME_FREE ((exists & Z.doom & OF_SPEC(d)) == 0)
#else
#define NAME_FREE true
#endif

/* Wait until it is measured idle, then delete. Waiting ends the tail. */
#ifdef IDLE_NOT_MEASURED
#define REMOVE(i) SUBMIT(DELETE, i)
#else
#define REMOVE(i) tail = tail & ~B(i); SUBMIT(DELETE, i)
#endif
#ifdef NO_SWEEP
#define LEFT_OVER (Z.doom & exists & own_doom)
#else
#define LEFT_OVER (Z.doom & exists)
#endif

#define SUBMIT(k, t) kind[m] = k; target[m] = t; author[m] = me

/* Nobody waits for the call in slot m any more; it may still arrive. */
inline abandon() {
	if
	:: kind[m] == IDLE
	:: kind[m] != IDLE ->
		l = (kind[2] == IDLE -> 2 : 3);
		kind[l] = kind[m]; target[l] = target[m]; author[l] = author[m];
		copy(batch[l], batch[m]);
#ifdef NO_SERIAL
		copy(seen[l], seen[m]);
#endif
		clear(m); l = 0
	fi
}

#ifdef NO_SERIAL
#define BATCH(k, t) SUBMIT(k, t); copy(batch[m], Z); copy(seen[m], Z); batch[m].by = me
#else
#define BATCH(k, t) SUBMIT(k, t); copy(batch[m], Z); batch[m].by = me
#endif

/* Undo whatever the candidate was given: the new content, in batch[m]. */
#define GO_BACK \
	batch[m].live = (Z.step == 2 -> Z.cand : Z.live); \
	batch[m].cand = (Z.step == 2 -> Z.live : Z.cand); \
	batch[m].step = 0; \
	batch[m].share = B(batch[m].live)

#ifdef ABORT_IN_STORE
#define LATCH(i) store_abrt = store_abrt | B(SPEC(i))
#else
#define LATCH(i) batch[m].abrt = batch[m].abrt | B(SPEC(i))
#endif

/* The instance that a rollback takes traffic from. */
#define FAILING (Z.step == 2 -> Z.live : Z.cand)

inline take() {
	lock_by = me
#ifdef NO_FENCE
	; sovereign = me
#endif
#ifdef EPOCH
	; lock_epoch++; ep = lock_epoch
#endif
}

proctype runner(byte r) {
	byte me = r, d = 0, m = r - 1, l = 0;
#ifdef EPOCH
	byte ep = 0;
#endif
#ifdef VERDICT_IN_MEMORY
	bool memory = false;
#endif
#ifdef NO_SWEEP
	byte own_doom = 0;
#endif
#ifdef NO_READBACK
	byte hasty = NONE;
#endif

begin:	atomic {
		d = desired;
#ifdef VERDICT_IN_MEMORY
		memory = false;
#endif
#ifdef NO_SWEEP
		own_doom = 0;
#endif
	}

	/* Lock: If-None-Match when there is none, If-Match to take over. */
	if
	:: atomic { lock_by == 0 -> take() }
	:: atomic { lock_by != 0 && faults > 0 -> faults--; take() }
	fi;

#ifndef NO_FENCE
fence:	/* Replace the TXT, and nothing else, by one with this run's epoch and nonce. */
	if
	:: atomic { BATCH(FENCE, 0);
#ifdef EPOCH
		ep = (Z.epoch > ep -> Z.epoch : ep) + 1;
		batch[m].epoch = ep
#endif
	   }
	:: atomic { crashes > 0 && me <= 2 -> goto crash }
	fi;
	if
	:: kind[m] == IDLE
	:: atomic { faults > 0 && kind[m] != IDLE && LATE_ROOM -> faults--; abandon() }
	:: atomic { crashes > 0 && me <= 2 && LATE_ROOM -> goto crash }
	fi;
	/* Read back. A fence that did not commit is tried again while the lock is held. */
	if
	:: atomic { MINE -> skip }
#ifdef REFENCE
	:: atomic { !MINE -> goto fence }
#else
	:: atomic { !MINE && lock_by == me -> goto fence }
	:: atomic { !MINE && lock_by != me -> goto lost }
#endif
	fi;
#endif

act:	if
	:: atomic { !MINE -> goto lost }
	:: atomic { crashes > 0 && me <= 2 -> goto crash }

	/* Traffic is on the way to the candidate. */
	:: atomic { MINE && Z.step == 1 && SPEC(Z.cand) != d ->              /* reverted in git */
		BATCH(BACK, 0); GO_BACK }
	:: atomic { MINE && Z.step == 1 && SPEC(Z.cand) == d ->              /* gate fails */
		BATCH(ABORTED, FAILING); LATCH(FAILING); GO_BACK }
	:: atomic { MINE && Z.step == 1 && SPEC(Z.cand) == d ->              /* gate passes */
		BATCH(SHIFT, 0);
#ifdef NO_READBACK
		hasty = Z.live;
#endif
		batch[m].step = 2; batch[m].live = Z.cand; batch[m].cand = Z.live;
		batch[m].share = CAND }

	/* Baking: the candidate is live, `cand` is the old world. */
	:: atomic { MINE && Z.step == 2 && SPEC(Z.live) != d ->              /* reverted in git */
		BATCH(BACK, 0); GO_BACK }
	:: atomic { MINE && Z.step == 2 && SPEC(Z.live) == d ->              /* gate fails */
		BATCH(ABORTED, FAILING); LATCH(FAILING); GO_BACK }
#ifdef NO_DOOM
	:: atomic { MINE && Z.step == 2 && SPEC(Z.live) == d && COMPLETE ->
		REMOVE(Z.cand) }
	:: atomic { MINE && Z.step == 2 && SPEC(Z.live) == d && !COMPLETE ->
		BATCH(FORGET, 0); batch[m].cand = NONE; batch[m].step = 0 }
#else
	:: atomic { MINE && Z.step == 2 && SPEC(Z.live) == d ->              /* baked */
		BATCH(DOOMED, 0); batch[m].doom = Z.doom | CAND;
		batch[m].cand = NONE; batch[m].step = 0
#ifdef NO_SWEEP
		; own_doom = own_doom | CAND
#endif
	   }
#endif

	/* A candidate without a share. */
#ifdef NO_DOOM
	:: atomic { MINE && Z.step == 0 && HAS_CAND && !WANTED && COMPLETE ->
		REMOVE(Z.cand) }
	:: atomic { MINE && Z.step == 0 && HAS_CAND && !WANTED && !COMPLETE ->
		BATCH(FORGET, 0); batch[m].cand = NONE }
#else
	:: atomic { MINE && Z.step == 0 && HAS_CAND && !WANTED ->
		BATCH(DOOMED, 0); batch[m].doom = Z.doom | CAND; batch[m].cand = NONE
#ifdef NO_SWEEP
		; own_doom = own_doom | CAND
#endif
	   }
#endif
	:: atomic { MINE && Z.step == 0 && HAS_CAND && WANTED && !COMPLETE ->
		SUBMIT(CREATE, Z.cand) }
	:: atomic { MINE && Z.step == 0 && HAS_CAND && WANTED && COMPLETE && faults > 0 ->
		faults--; SUBMIT(CREATE, Z.cand) }                          /* looked too early */
	:: atomic { MINE && Z.step == 0 && HAS_CAND && WANTED && COMPLETE && !TESTED ->
		passed = passed | CAND;                                     /* tests pass */
#ifdef VERDICT_IN_MEMORY
		memory = true; goto act
#else
		SUBMIT(SEAL, Z.cand)
#endif
	   }
	:: atomic { MINE && Z.step == 0 && HAS_CAND && WANTED && COMPLETE && !TESTED ->
		BATCH(ABORTED, Z.cand); LATCH(Z.cand) }                     /* tests fail */
	:: atomic { MINE && Z.step == 0 && HAS_CAND && WANTED && COMPLETE && TESTED ->
		BATCH(SHIFT, 0); batch[m].step = 1; batch[m].share = Z.share | CAND }

	/* No candidate: claim an incarnation before the first resource is created. */
	:: atomic { MINE && !HAS_CAND && SPEC(Z.live) != d && !REFUSED && NAME_FREE ->
		CLAIM(P4, Z.next < SLOTS);
		BATCH(CLAIM_NEW, d);
		batch[m].cand = Z.next; batch[m].next = Z.next + 1;
		batch[m].spec = Z.spec | (d << Z.next);
		batch[m].doom = Z.doom & exists }                           /* forget what is gone */
	:: atomic { MINE && !HAS_CAND && SPEC(Z.live) != d && REFUSED &&
	            NAME_FREE && retries > 0 && me != LAST ->
		retries--;
		CLAIM(P4, Z.next < SLOTS);
		BATCH(CLAIM_RETRY, d);
		batch[m].cand = Z.next; batch[m].next = Z.next + 1;
		batch[m].spec = Z.spec | (d << Z.next);
		batch[m].doom = Z.doom & exists;
		batch[m].abrt = Z.abrt & ~B(d) }

	/* Exists and is not in the record (a create that came late): doom it first. */
	:: atomic { MINE && STRAY != 0 ->
		BATCH(DOOMED, 0); batch[m].doom = Z.doom | STRAY }

	/* Remove what is doomed and idle, whoever doomed it. Not fenced: may be late. */
	:: atomic { MINE && REMOVABLE(0) -> REMOVE(0) }
	:: atomic { MINE && REMOVABLE(1) -> REMOVE(1) }
	:: atomic { MINE && REMOVABLE(2) -> REMOVE(2) }
	:: atomic { MINE && REMOVABLE(3) -> REMOVE(3) }
	:: atomic { MINE && REMOVABLE(4) -> REMOVE(4) }
	:: atomic { MINE && REMOVABLE(5) -> REMOVE(5) }

	/* Nothing left to do. The last run also waits until no call can be late. */
	:: atomic { MINE && !HAS_CAND && LEFT_OVER == 0 && STRAY == 0 &&
	            (SPEC(Z.live) == d || REFUSED) &&
	            (me != LAST || (kind[2] == IDLE && kind[3] == IDLE)) ->
		goto done }
	fi;

sent:	/* Wait for the call, or not. Its reply is never believed: read again. */
	if
	:: kind[m] == IDLE
	:: atomic { faults > 0 && kind[m] != IDLE && LATE_ROOM -> faults--; abandon() }
	:: atomic { crashes > 0 && me <= 2 && LATE_ROOM -> goto crash }
	fi;
#ifdef NO_READBACK
	if
	:: atomic { hasty != NONE ->
		SUBMIT(DELETE, hasty); hasty = NONE; goto sent }
	:: atomic { hasty == NONE }
	fi;
#endif
	goto act;

crash:	atomic {
		crashes--;
		abandon();
		if      /* its lease will run out, so it may as well be free at once */
		:: lock_by == me -> lock_by = 0
		:: else
		fi;
		me = r + 2;
		goto begin
	}

done:	if
	:: me == LAST ->
		CLAIM(P4, Z.step == 0 && Z.share == B(Z.live));
		CLAIM(P4, exists == B(Z.live));
		CLAIM(P4, SPEC(Z.live) == desired || REFUSED)
	:: else
	fi;
lost:	atomic {
		if
		:: lock_by == me -> lock_by = 0
		:: else
		fi;
		d = 0;
#ifdef EPOCH
		ep = 0;
#endif
		if
		:: r == 2 -> ended2 = true
		:: else
		fi
	}
	if
	:: atomic { r == 1 && me != LAST && ended2 -> last_began = true; me = LAST; goto begin }
	:: r == 2 || me == LAST
	fi
}

init {
	atomic {
		Z.live = 0; Z.cand = NONE; Z.next = 1; Z.share = 1;
		run runner(1);
		run runner(2)
	}
}
