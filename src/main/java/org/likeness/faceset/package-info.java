/**
 * Aligned faces of DeepFaceLab: files, landmarks, masks, warps, and the batches a trainer is fed.
 */
package org.likeness.faceset;
