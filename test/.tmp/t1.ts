import { createChance, found, invite, join, replicaOf, say, heads } from "../../test/people.ts";
import { foldAuthority } from "../../protocol/authority/authority.ts";
import { encodeValue, decodeValue } from "../../protocol/index.ts";
const c = createChance(1);
let t=performance.now();
const {group, founder, envelopes}=found("Ana",c);
const inv=invite(founder,group,c,2,[envelopes[1].id]);
const bo=join("Bo",group,c,3,inv.secret,inv.act.id);
console.log("make",performance.now()-t);t=performance.now();
const r=replicaOf(group,[...envelopes,inv.act,inv.keys,bo.envelope]);
console.log("replica",performance.now()-t, r.fingerprint(), r.community.authority().members.size);
const d=decodeValue(encodeValue(new Map([["a",new Uint8Array([1,2])]]))); const v=(d as any).value.get("a"); console.log(v.constructor.name, v.buffer.byteLength, v.byteOffset);
// authority scaling
const a=r.community.authority();
for (const n of [1000,2000,4000]) {
 const recs:any[]=[]; 
 recs.push(a.genesis);
 let prev=a.genesis!.id as string;
 for(let i=0;i<n;i++){ recs.push({id:(i+1).toString(16).padStart(64,"0"),feed:a.genesis!.feed,seq:i+2,at:1,deps:[prev],deviceKey:a.genesis!.deviceKey,act:{kind:"invite",door:"open",key:new Uint8Array(32),exchange:new Uint8Array(32),expires:1}}); prev=recs.at(-1).id;}
 const t=performance.now(); const m=process.memoryUsage().heapUsed;
 foldAuthority(group.tag,recs); console.log(n,"ms",performance.now()-t,"MB",(process.memoryUsage().heapUsed-m)/1e6);
}
